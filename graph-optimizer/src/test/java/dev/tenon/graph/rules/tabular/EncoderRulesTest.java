package dev.tenon.graph.rules.tabular;

import dev.tenon.graph.rules.Rewrites;
import org.junit.jupiter.api.Test;

class EncoderRulesTest {
    private static String graph(String type, String operator) {
        return "graph g(%x: " + type + ") {\n%y = " + operator + "(%x)\nreturn %y\n}";
    }

    private static String after(String type, String keys, String values, String rest) {
        return "graph g(%x: " + type + ") {\n%LabelEncoder = ai.onnx.ml.LabelEncoder<keys_strings=" + keys
                + ", values_int64s=" + values + ">(%x)\n" + rest + "\nreturn %y\n}";
    }

    @Test
    void mappersOfStringsAreLabelEncoders() {
        String mapper = "ai.onnx.ml.CategoryMapper<cats_int64s=[7, 5, 9], cats_strings=[\"a\", \"\", \"a\"],"
                + " default_int64=3, default_string=\"other\">";
        Rewrites.becomes(EncoderRules.SET, "category-numbers", graph("string[n,2]", mapper), """
                graph g(%x: string[n,2]) {
                  %y = ai.onnx.ml.LabelEncoder<keys_strings=["a", "", "a"], values_int64s=[7, 5, 9], default_int64=3>(%x)
                  return %y
                }
                """);
        Rewrites.refuses(EncoderRules.SET, "category-numbers", graph("i64[n,2]", mapper), "strings");
    }

    @Test
    void categoriesAreNumbered() {
        String encoder = "ai.onnx.ml.OneHotEncoder<cats_strings=[\"a\", \"b\", \"a\"]ZEROS>";
        Rewrites.becomes(
                EncoderRules.SET,
                "one-hot-numbers",
                graph("string[n,2]", encoder.replace("ZEROS", "")),
                after(
                        "string[n,2]",
                        "[\"a\", \"b\", \"a\"]",
                        "[0, 1, 2]",
                        "%y = ai.onnx.ml.OneHotEncoder<cats_int64s=[0, 1, 2]>(%LabelEncoder)"));
        Rewrites.refuses(
                EncoderRules.SET,
                "one-hot-numbers",
                graph("string[n,2]", encoder.replace("ZEROS", ", zeros=0")),
                "names the string");
        Rewrites.refuses(
                EncoderRules.SET,
                "one-hot-numbers",
                graph("i64[n,2]", "ai.onnx.ml.OneHotEncoder<cats_int64s=[1, 2]>"),
                "numbers");
    }

    @Test
    void tokensAreNumbered() {
        String counter = "TfIdfVectorizer<mode=\"TFIDF\", min_gram_length=1, max_gram_length=2, max_skip_count=1,"
                + " ngram_counts=[0, 2], ngram_indexes=[2, 0, 1], POOL, weights=[0.5f, 2.0f, -1.0f]>";
        Rewrites.becomes(
                EncoderRules.SET,
                "token-numbers",
                graph("string[n,4]", counter.replace("POOL", "pool_strings=[\"b\", \"a\", \"a\", \"b\"]")),
                after(
                        "string[n,4]",
                        "[\"b\", \"a\"]",
                        "[0, 1]",
                        "%y = " + counter.replace("POOL", "pool_int64s=[0, 1, 1, 0]") + "(%LabelEncoder)"));
        Rewrites.refuses(
                EncoderRules.SET,
                "token-numbers",
                graph("i64[n,4]", counter.replace("POOL", "pool_int64s=[0, 1, 1, 0]")),
                "numbers");
    }
}
