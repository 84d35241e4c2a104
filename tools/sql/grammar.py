"""What a query may be made of. Whatever stands in none of these lists is refused: unknown means no."""

from __future__ import annotations

LONGEST = 8_000  # characters
DEEPEST = 40  # CASEs; a tree may be three times as deep
MOST_BRACKETS = 14  # within each other: sqlglot's time for some of them doubles with each
MOST_NODES = 4_000

# Kinds of node in sqlglot's tree that are no functions.
NODES = frozenset(
    """
    Select From Join Where Group Having Qualify Order Ordered Limit Offset Distinct With CTE Subquery Table TableAlias
    Alias Union Intersect Except Values Tuple Lateral GroupingSets Rollup Cube Window WindowSpec Filter
    WithinGroup IgnoreNulls RespectNulls Paren Star Column Identifier Literal Boolean Null Var Interval IntervalSpan
    DataType DataTypeParam Between In Not Is Like ILike Escape Any All Bracket Slice Lambda Distinct AtTimeZone
    EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Add Sub Mul Div IntDiv Mod Neg DPipe JSONPath JSONPathRoot JSONPathKey
    JSONPathSubscript
    """.split()
)

# Functions, as sqlglot's classes and, where it has none, by name.
FUNCTION_NODES = frozenset(
    """
    And Or Case If Cast TryCast Exists Extract Grouping Coalesce Nullif Greatest Least
    Abs Acos Asin Atan Atan2 Cbrt Ceil Cos Degrees Exp Floor IsInf IsNan Ln Log Pi Pow Radians Round Sign Sin Sqrt Tan
    Trunc
    Ascii Chr Concat ConcatWs Contains EndsWith Format JarowinklerSimilarity Left Length Levenshtein Lower MD5 Pad
    RegexpExtract RegexpExtractAll RegexpFullMatch RegexpLike RegexpReplace RegexpSplit Replace Reverse Right SHA2 Split
    SplitPart StartsWith StrPosition Substring Translate Trim Unicode Upper
    CurrentDate CurrentTime CurrentTimestamp DateAdd DateBin DateDiff DateFromParts DateSub DateTrunc Day DayOfMonth
    DayOfWeek DayOfWeekIso DayOfYear Dayname Hour LastDay Localtimestamp Minute Month Monthname Quarter Second StrToTime
    TimeFromParts TimestampFromParts TimestampTrunc TimeToStr TimeToUnix ToDays UnixToTime Week WeekOfYear Year
    Array ArrayAppend ArrayConcat ArrayContains ArrayContainsAll ArrayDistinct ArrayFilter ArrayIntersect ArrayMax
    ArrayMin ArrayOverlaps ArrayPosition ArrayPrepend ArrayReverse ArraySize ArraySlice ArraySort ArrayToString Explode
    Flatten Unnest GenerateSeries GenerateDateArray GenerateTimestampArray Transform
    JSONExtract JSONExtractScalar JSONKeys JSONType
    AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin ArrayAgg Avg Corr Count CountIf CovarPop CovarSamp First
    GroupConcat Kurtosis Last LogicalAnd LogicalOr Max Median Min Mode PercentileCont PercentileDisc Quantile RegrAvgx
    RegrAvgy RegrCount RegrIntercept RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy Skewness Stddev StddevPop StddevSamp Sum
    Variance VariancePop
    CumeDist DenseRank FirstValue Lag LastValue Lead NthValue Ntile PercentRank Rank RowNumber
    """.split()
)

# Functions by DuckDB's names: what DuckDB's own parser may find in the text that is to run.
FUNCTIONS = frozenset(
    """
    abs ceil ceiling floor round round_even trunc sign sqrt cbrt pow power exp ln log log2 log10 mod fmod fdiv divide
    multiply add subtract greatest least gcd lcm even pi degrees radians sin cos tan asin acos atan atan2 isnan isinf
    isfinite nullif ifnull if
    lower upper lcase ucase length len char_length character_length strlen trim ltrim rtrim left right substring substr
    replace concat concat_ws contains starts_with ends_with prefix suffix position strpos instr split_part string_split
    str_split string_to_array split regexp_matches regexp_full_match regexp_extract regexp_extract_all regexp_replace
    regexp_split_to_array string_split_regex str_split_regex reverse strip_accents nfc_normalize lpad rpad ascii chr
    unicode format printf levenshtein editdist3 damerau_levenshtein jaccard jaro_similarity jaro_winkler_similarity
    hamming md5 sha256 hash translate array_to_string like_escape not_like_escape ilike_escape not_ilike_escape
    date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add year month day quarter week
    weekofyear isoyear isodow dayofweek weekday dayofmonth dayofyear hour minute second millisecond microsecond yearweek
    decade century era epoch epoch_ms dayname monthname last_day make_date make_time make_timestamp strftime strptime
    try_strptime age time_bucket to_days to_weeks to_months to_years to_quarters to_hours to_minutes to_seconds
    to_milliseconds to_microseconds current_date today now get_current_timestamp get_current_time current_localtimestamp
    localtimestamp current_localtime days_in_month julian to_timestamp timezone
    list_value list_pack array_value list_sum list_avg list_min list_max list_count list_median list_mode list_first
    list_last list_any_value list_stddev_pop list_stddev_samp list_var_pop list_var_samp list_product list_string_agg
    list_bool_and list_bool_or list_contains list_has array_contains array_has list_has_any list_has_all array_has_any
    array_has_all list_intersect array_intersect list_distinct array_distinct list_unique array_unique list_sort
    array_sort list_reverse_sort array_reverse_sort list_reverse array_reverse list_position list_indexof array_position
    array_indexof list_extract list_element array_extract list_slice array_slice list_concat array_concat list_cat
    list_append array_append list_prepend array_prepend list_filter array_filter list_transform array_transform
    list_apply array_apply list_reduce list_zip array_length flatten unnest range generate_series row
    json_extract json_extract_string json_extract_path json_extract_path_text json_value json_exists json_contains
    json_type json_keys json_array_length json_valid
    count count_star count_if countif sum avg mean min max median mode mad any_value arbitrary first last arg_min
    arg_max argmin argmax min_by max_by quantile quantile_cont quantile_disc approx_quantile approx_count_distinct
    stddev stddev_pop stddev_samp var_pop var_samp variance skewness kurtosis kurtosis_pop entropy corr covar_pop
    covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy product
    geomean geometric_mean wavg weighted_avg string_agg group_concat listagg list array_agg bool_and bool_or fsum favg
    sumkahan kahan_sum sem
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
    + - * / // % ^ ** || -> ->> ~~ !~~ ~~* !~~* && @> <@
    """.split()
)

TYPES = frozenset(
    """
    boolean tinyint smallint int integer bigint hugeint int128 utinyint usmallint uinteger ubigint uint
    float real double decimal numeric varchar text string char date time timestamp timestamptz interval
    """.split()
)
PARTS = frozenset(
    """
    year month day quarter week hour minute second millisecond microsecond dow isodow doy decade century epoch yearweek
    isoyear weekday dayofweek dayofyear dayofmonth weekofyear years months days quarters weeks hours minutes seconds
    milliseconds microseconds decades centuries
    """.split()
)
WORDS = PARTS | frozenset(
    {"all", "rows", "range", "groups", "max", "string", "escape", "current row", "ties", "group", "no others"}
)  # that stand bare in a query

# Kinds of node in DuckDB's tree: class → types ("" is any).
DUCKDB_EXPRESSIONS = {
    "BETWEEN": "COMPARE_BETWEEN",
    "CASE": "CASE_EXPR",
    "CAST": "OPERATOR_CAST",
    "COLUMN_REF": "COLUMN_REF",
    "COMPARISON": """COMPARE_EQUAL COMPARE_NOTEQUAL COMPARE_LESSTHAN COMPARE_GREATERTHAN COMPARE_LESSTHANOREQUALTO
        COMPARE_GREATERTHANOREQUALTO COMPARE_DISTINCT_FROM COMPARE_NOT_DISTINCT_FROM""",
    "CONJUNCTION": "CONJUNCTION_AND CONJUNCTION_OR",
    "CONSTANT": "VALUE_CONSTANT",
    "FUNCTION": "FUNCTION",
    "LAMBDA": "LAMBDA",
    "OPERATOR": """OPERATOR_NOT OPERATOR_IS_NULL OPERATOR_IS_NOT_NULL OPERATOR_COALESCE COMPARE_IN COMPARE_NOT_IN
        ARRAY_EXTRACT ARRAY_SLICE ARRAY_CONSTRUCTOR GROUPING_FUNCTION""",
    "STAR": "STAR",
    "SUBQUERY": "SUBQUERY",
    "TYPE": "TYPE",
    "WINDOW": """WINDOW_AGGREGATE WINDOW_ROW_NUMBER WINDOW_RANK WINDOW_RANK_DENSE WINDOW_DENSE_RANK WINDOW_NTILE
        WINDOW_PERCENT_RANK WINDOW_CUME_DIST WINDOW_FIRST_VALUE WINDOW_LAST_VALUE WINDOW_NTH_VALUE WINDOW_LEAD
        WINDOW_LAG""",
}
DUCKDB_SOURCES = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EMPTY_FROM", "EXPRESSION_LIST", "TABLE_FUNCTION"}
)
DUCKDB_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
DUCKDB_MODIFIERS = frozenset({"LIMIT_MODIFIER", "ORDER_MODIFIER", "DISTINCT_MODIFIER"})
