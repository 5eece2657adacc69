package dev.tenon.boosting;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * A model of random trees as the JSON that CatBoost writes. CatBoost finds a test by the number of its border among those of all
 * features, so both are written.
 */
final class CatboostFile {
    static final int COLUMNS = 4;
    private static final List<String> TREATMENTS = List.of("AsIs", "AsFalse", "AsTrue", "AsFalse");

    private static final int DIGITS = 15;

    private final RandomGenerator random;
    private final int outputs;
    final float[][] borders = new float[COLUMNS][];

    CatboostFile(RandomGenerator random, int outputs) {
        this.random = random;
        this.outputs = outputs;
        for (int c = 0; c < COLUMNS; c++) {
            float[] all = new float[random.nextInt(1, 20)];
            for (int i = 0; i < all.length; i++) {
                all[i] = (float) random.nextGaussian();
            }
            Arrays.sort(all);
            borders[c] = all;
        }
    }

    String json(boolean symmetric, String loss, int trees) {
        List<String> all = new ArrayList<>();
        for (int t = 0; t < trees; t++) {
            all.add(symmetric ? oblivious() : node(random.nextInt(1, 5)));
        }
        List<String> biases = new ArrayList<>();
        for (int k = 0; k < outputs; k++) {
            biases.add(number(random.nextGaussian()));
        }
        return "{\"model_info\":{\"params\":{\"loss_function\":{\"type\":\"" + loss + "\"}}},\""
                + (symmetric ? "oblivious_trees" : "trees")
                + "\":[" + String.join(",", all) + "],\"features_info\":{\"float_features\":[" + features()
                + "]},\"ctr_data\":null,\"scale_and_bias\":["
                + number(random.nextBoolean() ? 1 : random.nextDouble(0.5, 2)) + ",["
                + String.join(",", biases) + "]]}";
    }

    /** A number of few digits. CatBoost reads numbers of 16 digits and more with an error of a unit in the last place. */
    private static String number(double x) {
        return new BigDecimal(x).round(new MathContext(DIGITS)).toString();
    }

    private String features() {
        List<String> all = new ArrayList<>();
        for (int c = 0; c < COLUMNS; c++) {
            List<String> texts = new ArrayList<>();
            for (float b : borders[c]) {
                texts.add(number(b));
            }
            all.add(String.format(
                    Locale.ROOT,
                    "{\"has_nans\":%b,\"feature_index\":%d,\"flat_feature_index\":%d,\"borders\":[%s],\"feature_id\":\"%s\",\"nan_value_treatment\":\"%s\"}",
                    c > 0,
                    c,
                    c,
                    String.join(",", texts),
                    "c" + c,
                    TREATMENTS.get(c)));
        }
        return String.join(",", all);
    }

    private String split() {
        int feature = random.nextInt(COLUMNS);
        int border = random.nextInt(borders[feature].length);
        int index = border;
        for (int c = 0; c < feature; c++) {
            index += borders[c].length;
        }
        return "{\"float_feature_index\":" + feature + ",\"border\":" + number(borders[feature][border])
                + ",\"split_type\":\"FloatFeature\",\"split_index\":" + index + "}";
    }

    private String oblivious() {
        int depth = random.nextInt(1, 5);
        List<String> splits = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            splits.add(split());
        }
        List<String> values = new ArrayList<>();
        for (int i = 0; i < outputs << depth; i++) {
            values.add(number(random.nextGaussian()));
        }
        return "{\"leaf_values\":[" + String.join(",", values) + "],\"splits\":[" + String.join(",", splits) + "]}";
    }

    private String node(int depth) {
        if (depth == 0 || depth < 3 && random.nextInt(4) == 0) {
            List<String> values = new ArrayList<>();
            for (int k = 0; k < outputs; k++) {
                values.add(number(random.nextGaussian()));
            }
            String value = outputs == 1 ? values.getFirst() : "[" + String.join(",", values) + "]";
            return "{\"weight\":1,\"value\":" + value + "}";
        }
        return "{\"split\":" + split() + ",\"left\":" + node(depth - 1) + ",\"right\":" + node(depth - 1) + "}";
    }
}
