package dev.tenon.benchmarks.growth;

import dev.tenon.benchmarks.growth.Family.Content;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.StringJoiner;
import java.util.function.IntFunction;

/** Models of trees that have as many of something as one wants, as the tools that train them write them. */
final class TreeText {
    private TreeText() {}

    private static Content content(String text) {
        return () -> text.getBytes(StandardCharsets.UTF_8);
    }

    private static String each(int n, String between, IntFunction<String> text) {
        StringJoiner all = new StringJoiner(between);
        for (int i = 0; i < n; i++) {
            all.add(text.apply(i));
        }
        return all.toString();
    }

    private static String repeated(int n, String between, String text) {
        return String.join(between, Collections.nCopies(n, text));
    }

    private static Content xgboost(int columns, String names, int trees, IntFunction<String> tree) {
        return content(
                "{\"learner\":{\"feature_names\":[" + names + "],\"gradient_booster\":{\"model\":{\"tree_info\":["
                        + repeated(trees, ",", "0") + "],\"trees\":[" + each(trees, ",", tree)
                        + "]},\"name\":\"gbtree\"},\"learner_model_param\":{\"base_score\":\"5E-1\",\"num_feature\":\""
                        + columns
                        + "\"},\"objective\":{\"name\":\"binary:logistic\"}},\"version\":[3,0,0]}");
    }

    /** A tree of one test. */
    private static String stump(int column, int number) {
        return "{\"default_left\":[0,0,0],\"left_children\":[1,-1,-1],\"right_children\":[2,-1,-1],\"split_conditions\":["
                + number + ",0.5,-0.5],\"split_indices\":[" + column + ",0,0]}";
    }

    static Content xgboost(int trees) {
        return xgboost(4, "", trees, i -> stump(i % 4, i));
    }

    static Content columns(int columns) {
        return xgboost(columns, each(columns, ",", i -> "\"column" + i + "\""), 1, i -> stump(columns - 1, i));
    }

    private static Content lightgbm(int columns, String infos, String tree) {
        return content("tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=" + (columns - 1)
                + "\nobjective=regression\nfeature_names=" + each(columns, " ", i -> "c" + i) + "\nfeature_infos="
                + infos + "\n\n" + tree + "\n\nend of trees\n");
    }

    /** A tree whose nodes are a chain. */
    private static String chain(int nodes, String decision, IntFunction<String> threshold) {
        return "Tree=0\nnum_leaves=" + (nodes + 1) + "\nsplit_feature=" + repeated(nodes, " ", "0") + "\nthreshold="
                + each(nodes, " ", threshold) + "\ndecision_type=" + repeated(nodes, " ", decision) + "\nleft_child="
                + each(nodes, " ", i -> Integer.toString(i + 1 < nodes ? i + 1 : -1)) + "\nright_child="
                + each(nodes, " ", i -> Integer.toString(-i - 2)) + "\nleaf_value=" + repeated(nodes + 1, " ", "1");
    }

    static Content lightgbm(int nodes) {
        return lightgbm(1, "[0:1]", chain(nodes, "2", i -> Integer.toString(-i)));
    }

    static Content categories(int sets) {
        return lightgbm(
                1,
                "0:1",
                chain(sets, "1", Integer::toString) + "\nnum_cat=" + sets + "\ncat_boundaries="
                        + each(sets + 1, " ", Integer::toString) + "\ncat_threshold=" + repeated(sets, " ", "5"));
    }

    static Content catboost(int trees) {
        return content("{\"features_info\":{\"float_features\":[{\"feature_index\":0,\"flat_feature_index\":0}]},"
                + "\"model_info\":{},\"oblivious_trees\":["
                + each(
                        trees,
                        ",",
                        i -> "{\"leaf_values\":[1,2],\"splits\":[{\"border\":" + i
                                + ",\"float_feature_index\":0,\"split_type\":\"FloatFeature\"}]}")
                + "],\"scale_and_bias\":[1,[0]]}");
    }
}
