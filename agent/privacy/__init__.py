"""What belongs to a person, found in any text, masked before it is sent, and put back into what comes back."""
