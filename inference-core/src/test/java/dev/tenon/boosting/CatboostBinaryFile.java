package dev.tenon.boosting;

import dev.tenon.formats.table.CategoryHash;
import dev.tenon.testkit.fuzz.FlatWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A model of random trees, on numeric and one-hot features, in CatBoost's binary format and as JSON. Numbers have few digits, since
 * CatBoost reads numbers of 16 digits and more of JSON with an error of a unit in the last place.
 */
public final class CatboostBinaryFile {
    private static final int DIGITS = 15;
    private static final String[] TREATMENTS = {"AsIs", "AsFalse", "AsTrue"};

    private final SplittableRandom random;
    private final int outputs;
    private final String loss;
    final float[][] borders;
    final boolean[] hasMissing;
    final int[] treatments;
    final String[][] texts;
    final int[][] hashes;

    private final List<Integer> splits = new ArrayList<>();
    private final List<Integer> sizes = new ArrayList<>();
    private final List<Integer> starts = new ArrayList<>();
    private final List<Double> leaves = new ArrayList<>();
    private final List<Short> steps = new ArrayList<>();
    private final List<Integer> leafIds = new ArrayList<>();
    private final List<String> jsonTrees = new ArrayList<>();
    private final double scale;
    private final double[] bias;
    private final boolean symmetric;
    private int tests;

    /** A text of up to 150 letters, some of two bytes, or a number. */
    static String text(SplittableRandom random) {
        return random.nextInt(4) == 0
                ? Integer.toString(random.nextInt())
                : random.ints(random.nextInt(150), 'a', 'z' + 1)
                        .collect(
                                StringBuilder::new,
                                (b, letter) -> b.appendCodePoint(random.nextInt(9) == 0 ? 'é' : letter),
                                StringBuilder::append)
                        .toString();
    }

    /**
     * A random model.
     *
     * @param random decides
     * @param symmetric whether its trees are
     * @param outputs the number of outputs
     * @param numeric the number of numeric features, the first columns
     * @param categorical the number of categorical features
     * @param loss the loss
     */
    public CatboostBinaryFile(
            SplittableRandom random, boolean symmetric, int outputs, int numeric, int categorical, String loss) {
        this.random = random;
        this.symmetric = symmetric;
        this.outputs = outputs;
        this.loss = loss;
        borders = new float[numeric][];
        hasMissing = new boolean[numeric];
        treatments = new int[numeric];
        texts = new String[categorical][];
        hashes = new int[categorical][];
        for (int c = 0; c < numeric; c++) {
            float[] all = new float[random.nextInt(10) == 0 ? random.nextInt(250, 600) : random.nextInt(1, 20)];
            for (int i = 0; i < all.length; i++) {
                all[i] = (float) random.nextGaussian();
            }
            Arrays.sort(all);
            borders[c] = all;
            hasMissing[c] = random.nextBoolean();
            treatments[c] = random.nextInt(3);
            tests += all.length;
        }
        for (int c = 0; c < categorical; c++) {
            texts[c] = Stream.generate(() -> text(random))
                    .distinct()
                    .limit(random.nextInt(10) == 0 ? 300 : random.nextInt(1, 9))
                    .toArray(String[]::new);
            hashes[c] = Stream.of(texts[c]).mapToInt(CategoryHash::of).toArray();
            tests += hashes[c].length;
        }
        int trees = random.nextInt(1, 30);
        for (int t = 0; t < trees; t++) {
            int start = splits.size();
            starts.add(start);
            jsonTrees.add(symmetric ? oblivious() : node(random.nextInt(0, 5)));
            sizes.add(splits.size() - start);
        }
        scale = random.nextBoolean() ? 1 : rounded(random.nextDouble(0.5, 2));
        bias = IntStream.range(0, outputs)
                .mapToDouble(k -> rounded(random.nextGaussian()))
                .toArray();
    }

    private static double rounded(double x) {
        return new BigDecimal(x).round(new MathContext(DIGITS)).doubleValue();
    }

    private static String list(double... all) {
        return Arrays.stream(all).mapToObj(Double::toString).collect(Collectors.joining(",", "[", "]"));
    }

    private int leaf() {
        int first = leaves.size();
        for (int k = 0; k < outputs; k++) {
            leaves.add(rounded(random.nextGaussian()));
        }
        return first;
    }

    private double[] values(int from, int count) {
        return leaves.subList(from, from + count).stream().mapToDouble(x -> x).toArray();
    }

    private String oblivious() {
        int depth = random.nextInt(0, 5);
        List<String> all = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            int test = random.nextInt(tests);
            splits.add(test);
            all.add(split(test));
        }
        int first = leaves.size();
        for (int i = 0; i < 1 << depth; i++) {
            leaf();
        }
        return "{\"leaf_values\":" + list(values(first, outputs << depth)) + ",\"leaf_weights\":"
                + list(new double[1 << depth]) + ",\"splits\":[" + String.join(",", all) + "]}";
    }

    /** A node: its children follow it. One that has a leaf for one side keeps that leaf itself. */
    private String node(int depth) {
        int at = splits.size();
        boolean isLeaf = depth == 0;
        int test = isLeaf ? 0 : random.nextInt(tests);
        splits.add(test);
        steps.add((short) 0);
        steps.add((short) 0);
        leafIds.add(-1);
        boolean leftLeaf = !isLeaf && random.nextInt(4) == 0;
        boolean rightLeaf = !isLeaf && !leftLeaf && random.nextInt(4) == 0;
        String own = "";
        if (isLeaf || leftLeaf || rightLeaf) {
            int first = leaf();
            leafIds.set(at, first);
            String value = list(values(first, outputs));
            own = "{\"weight\":1,\"value\":" + (outputs == 1 ? value.substring(1, value.length() - 1) : value) + "}";
        }
        if (isLeaf) {
            return own;
        }
        String left = own;
        if (!leftLeaf) {
            steps.set(2 * at, (short) (splits.size() - at));
            left = node(depth - 1);
        }
        String right = own;
        if (!rightLeaf) {
            steps.set(2 * at + 1, (short) (splits.size() - at));
            right = node(depth - 1);
        }
        return "{\"split\":" + split(test) + ",\"left\":" + left + ",\"right\":" + right + "}";
    }

    private String split(int test) {
        int rest = test;
        for (int c = 0; c < borders.length; c++) {
            if (rest < borders[c].length) {
                return "{\"float_feature_index\":" + c + ",\"border\":" + (double) borders[c][rest]
                        + ",\"split_type\":\"FloatFeature\",\"split_index\":" + test + "}";
            }
            rest -= borders[c].length;
        }
        for (int c = 0; c < hashes.length; c++) {
            if (rest < hashes[c].length) {
                return "{\"cat_feature_index\":" + c + ",\"value\":" + hashes[c][rest]
                        + ",\"split_type\":\"OneHotFeature\",\"split_index\":" + test + "}";
            }
            rest -= hashes[c].length;
        }
        throw new IllegalStateException("test " + test);
    }

    String json() {
        List<String> numeric = new ArrayList<>();
        for (int c = 0; c < borders.length; c++) {
            double[] all = new double[borders[c].length];
            for (int i = 0; i < all.length; i++) {
                all[i] = borders[c][i];
            }
            numeric.add("{\"has_nans\":" + hasMissing[c] + ",\"feature_index\":" + c + ",\"flat_feature_index\":" + c
                    + ",\"borders\":" + list(all) + ",\"feature_id\":\"n" + c + "\",\"nan_value_treatment\":\""
                    + TREATMENTS[treatments[c]] + "\"}");
        }
        List<String> categorical = new ArrayList<>();
        for (int c = 0; c < hashes.length; c++) {
            categorical.add("{\"feature_index\":" + c + ",\"flat_feature_index\":" + (borders.length + c)
                    + ",\"feature_id\":\"c" + c + "\",\"values\":" + Arrays.toString(hashes[c]) + "}");
        }
        return "{\"model_info\":{\"catboost_version_info\":\"1.2.7\",\"params\":{\"loss_function\":{\"type\":\"" + loss
                + "\"}}},\"" + (symmetric ? "oblivious_trees" : "trees") + "\":[" + String.join(",", jsonTrees)
                + "],\"features_info\":{\"float_features\":[" + String.join(",", numeric) + "]"
                + (hashes.length == 0 ? "" : ",\"categorical_features\":[" + String.join(",", categorical) + "]")
                + "},\"ctr_data\":null,\"scale_and_bias\":[" + scale + "," + list(bias) + "]}";
    }

    /**
     * The model in the binary format.
     *
     * @return the file
     */
    public byte[] bytes() {
        List<Object[]> numeric = new ArrayList<>();
        for (int c = 0; c < borders.length; c++) {
            numeric.add(new Object[] {(byte) (hasMissing[c] ? 1 : 0), c, c, borders[c], "n" + c, (byte) treatments[c]});
        }
        List<Object[]> categorical = new ArrayList<>();
        List<Object[]> oneHot = new ArrayList<>();
        for (int c = 0; c < hashes.length; c++) {
            categorical.add(new Object[] {c, borders.length + c, "c" + c, (byte) 1});
            oneHot.add(new Object[] {c, hashes[c], null});
        }
        short[] pairs = new short[steps.size()];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = steps.get(i);
        }
        double[] all = values(0, leaves.size());
        Object[] trees = {
            outputs,
            ints(splits),
            ints(sizes),
            ints(starts),
            categorical,
            numeric,
            oneHot,
            List.of(),
            all,
            new double[all.length / outputs],
            pairs,
            ints(leafIds),
            List.of(),
            List.of(),
            scale,
            outputs == 1 ? bias[0] : null,
            outputs == 1 ? null : bias
        };
        byte[] core = FlatWriter.write(
                "FlabuffersModel_v1", trees, List.of(new Object[] {"catboost_version_info", "1.2.7"}, new Object[] {
                    "params", "{\"loss_function\":{\"type\":\"" + loss + "\"}}"
                }));
        return ByteBuffer.allocate(8 + core.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("CBM1".getBytes(StandardCharsets.US_ASCII))
                .putInt(core.length)
                .put(core)
                .array();
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(x -> x).toArray();
    }
}
