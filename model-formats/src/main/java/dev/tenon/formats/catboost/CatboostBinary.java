package dev.tenon.formats.catboost;

import static dev.tenon.formats.catboost.CatboostModel.malformed;

import dev.tenon.error.ResourceLimitException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.ModelBytes;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.catboost.CatboostModel.Feature;
import dev.tenon.formats.catboost.CatboostModel.Missing;
import dev.tenon.formats.catboost.CatboostModel.Node;
import dev.tenon.formats.catboost.CatboostModel.Oblivious;
import dev.tenon.formats.catboost.CatboostModel.Split;
import dev.tenon.formats.catboost.FlatBuffer.Table;
import dev.tenon.formats.catboost.FlatBuffer.Vector;
import dev.tenon.formats.json.DataReader;
import dev.tenon.formats.json.JsonReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads CatBoost's binary format: {@code CBM1}, the size of the core, the core as a FlatBuffer, and parts for statistics of categories and
 * texts, which are not read.
 */
final class CatboostBinary {
    private static final int MAGIC = 4;
    private static final int LONG_SIZE = -1;
    private static final int LONGEST_KEY = 64;
    private static final int MOST_OUTPUTS = 1 << 16;
    private static final int MOST_DEPTH = 30;

    private final String file;
    private final Limits limits;
    private final FlatBuffer core;
    private final CatboostModel model = new CatboostModel();

    // The tests that the file numbers from 0: the borders of each numeric feature, then the values of each one-hot
    // feature. Lists
    // are looked up, not copied.
    private final List<Vector> tests = new ArrayList<>();
    private long[] firsts = {};
    private int[] features = {};
    private long count;

    private int outputs;
    private Vector leaves;
    private Vector splits;
    private Vector steps;
    private Vector leafIds;

    private CatboostBinary(String file, FlatBuffer core, Limits limits) {
        this.file = file;
        this.core = core;
        this.limits = limits;
    }

    static CatboostModel read(ModelBytes bytes, Limits limits) {
        return bytes.read(segment -> {
            FlatBuffer core = new FlatBuffer(bytes.name(), core(bytes.name(), segment), limits);
            return new CatboostBinary(bytes.name(), core, limits).read();
        });
    }

    private static MemorySegment core(String file, MemorySegment segment) {
        long start = MAGIC + Integer.BYTES;
        long size = -1;
        if (segment.byteSize() >= start) {
            int word = segment.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), MAGIC);
            size = Integer.toUnsignedLong(word);
            if (word == LONG_SIZE && segment.byteSize() >= start + Long.BYTES) {
                size = segment.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), start);
                start += Long.BYTES;
            }
        }
        if (size < 0 || size > segment.byteSize() - start) {
            throw malformed(
                    file,
                    size < 0 ? "no size of the model's core" : "a core of " + size + " bytes",
                    "at most the " + Math.max(0, segment.byteSize() - start) + " bytes that follow");
        }
        return segment.asSlice(start, size);
    }

    private CatboostModel read() {
        Table root = core.root();
        String version = root.text(0);
        if (!version.equals("FlabuffersModel_v1")) {
            throw new UnsupportedModelException(
                    file,
                    "the format version " + DataReader.shown(version),
                    "'FlabuffersModel_v1'",
                    "save the model as JSON");
        }
        readInfo(root.vector(2, Integer.BYTES));
        Table trees = root.table(1);
        if (trees == null) {
            throw malformed(file, "no trees", "trees");
        }
        readFeatures(trees);
        readSums(trees);
        readTrees(trees);
        model.check(file);
        return model;
    }

    private void readInfo(Vector pairs) {
        for (int i = 0; i < pairs.count; i++) {
            Table pair = pairs.table(i);
            core.countRecords(1);
            if (pair.vector(0, 1).count > LONGEST_KEY) {
                continue;
            }
            switch (pair.text(0)) {
                case "catboost_version_info" -> model.version = pair.text(1);
                case "params" -> {
                    ModelBytes json =
                            ModelBytes.of(file + ", 'params'", pair.vector(1, 1).segment());
                    core.countRecords(1 + json.segment().byteSize());
                    JsonReader.read(json, limits, in -> {
                        model.readInfo(in, "params");
                        return model;
                    });
                }
                default -> {
                    // Such as the time of training.
                }
            }
        }
    }

    private void readFeatures(Table trees) {
        refuseAny(trees.vector(12, Integer.BYTES), "text feature");
        refuseAny(trees.vector(18, Integer.BYTES), "embedding feature");
        if (trees.vector(13, Integer.BYTES).count > 0) {
            throw CatboostModel.unsupported(file, "estimated feature", "0");
        }
        Vector categorical = trees.vector(4, Integer.BYTES);
        for (int i = 0; i < categorical.count; i++) {
            Table feature = categorical.table(i);
            core.countRecords(1);
            model.addCategorical(file, feature.integer(0, -1), feature.integer(1, -1), feature.text(2));
        }
        refuseStatistics(trees.vector(7, Integer.BYTES));
        Vector numeric = trees.vector(5, Integer.BYTES);
        Vector oneHotFeatures = trees.vector(6, Integer.BYTES);
        core.countRecords((long) numeric.count + oneHotFeatures.count);
        firsts = new long[numeric.count + oneHotFeatures.count];
        features = new int[firsts.length];
        for (int i = 0; i < numeric.count; i++) {
            Table feature = numeric.table(i);
            readNumeric(feature);
            addTests(feature.vector(3, Float.BYTES), i);
        }
        for (int i = 0; i < oneHotFeatures.count; i++) {
            Table feature = oneHotFeatures.table(i);
            addCategories(feature);
            addTests(feature.vector(1, Integer.BYTES), ~feature.integer(0, -1));
        }
    }

    private void readNumeric(Table feature) {
        int column = feature.integer(2, -1);
        int missing = feature.number8(5, 0);
        if (column < 0 || column == Integer.MAX_VALUE || missing < 0 || missing > 2) {
            throw malformed(
                    file,
                    "a feature of column " + column + " and treatment " + missing + " of missing values",
                    "a column, and a treatment from 0 to 2");
        }
        boolean hasMissing = feature.number8(0, 0) != 0;
        model.features()
                .add(new Feature(feature.text(4), column, hasMissing && missing == 2 ? Missing.ABOVE : Missing.BELOW));
    }

    private void addCategories(Table feature) {
        Vector strings = feature.vector(2, Integer.BYTES);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < strings.count; i++) {
            texts.add(strings.text(i));
        }
        model.addCategories(
                file, feature.integer(0, -1), feature.vector(1, Integer.BYTES).integers(), texts);
    }

    /** Adds the tests of a feature, whose number is inverted if it is categorical. A feature without tests has no place. */
    private void addTests(Vector list, int feature) {
        if (list.count > 0) {
            firsts[tests.size()] = count;
            features[tests.size()] = feature;
            tests.add(list);
            count += list.count;
        }
    }

    private void refuseAny(Vector features, String kind) {
        if (features.count > 0) {
            throw CatboostModel.unsupported(file, kind, features.table(0).text(2));
        }
    }

    /** Notes the first categorical feature that statistics are of. */
    private void refuseStatistics(Vector statistics) {
        if (statistics.count == 0) {
            return;
        }
        Table at = statistics.table(0).table(0);
        for (int depth = 0; depth < 2 && at != null; depth++) {
            at = at.table(0);
        }
        Vector features = at == null ? null : at.vector(0, Integer.BYTES);
        model.statistics(features == null || features.count == 0 ? -1 : features.integer(0));
        model.check(file);
    }

    private void readSums(Table trees) {
        outputs = trees.integer(0, 0);
        if (outputs < 1 || outputs > MOST_OUTPUTS) {
            throw malformed(file, outputs + " outputs", "1 to " + MOST_OUTPUTS);
        }
        model.scale = trees.float64(14, 1);
        Vector biases = trees.vector(16, Double.BYTES);
        if (biases.count > 0) {
            core.countRecords(biases.count);
            model.bias = biases.doubles(0, biases.count);
        } else if (trees.float64(15, 0) != 0) {
            model.bias = new double[] {trees.float64(15, 0)};
        } else {
            model.bias = new double[outputs];
        }
    }

    private void readTrees(Table trees) {
        leaves = trees.vector(8, Double.BYTES);
        splits = trees.vector(1, Integer.BYTES);
        steps = trees.vector(10, 2 * Short.BYTES);
        leafIds = trees.vector(11, Integer.BYTES);
        Vector sizes = trees.vector(2, Integer.BYTES);
        Vector starts = trees.vector(3, Integer.BYTES);
        boolean symmetric = steps.count == 0 && leafIds.count == 0;
        int next = 0;
        for (int t = 0; t < sizes.count; t++) {
            int size = sizes.integer(t);
            int start = starts.integer(t);
            int most = symmetric ? Math.min(MOST_DEPTH, splits.count) : Math.min(splits.count, steps.count);
            if (size < (symmetric ? 0 : 1) || size > most || start < 0 || start > splits.count - size) {
                throw malformed(
                        file,
                        "a tree of " + size + " splits from " + start,
                        "at most " + most + ", within the " + splits.count + " of the file");
            }
            core.countRecords(1);
            if (symmetric) {
                model.oblivious.add(oblivious(start, size, next));
                next += outputs << size;
            } else {
                model.trees.add(node(start, start, new boolean[size], 0));
            }
        }
    }

    private Oblivious oblivious(int start, int size, int leaf) {
        long values = (long) outputs << size;
        if (leaf + values > leaves.count) {
            throw malformed(
                    file, leaf + values + " or more leaf values needed", "the " + leaves.count + " of the file");
        }
        List<Split> tests = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            core.countRecords(1);
            tests.add(split(start + i));
        }
        core.countRecords(values);
        return new Oblivious(tests, leaves.doubles(leaf, (int) values));
    }

    /** A node and all below it. A difference of 0 on one side makes that side a leaf, on both sides the node itself. */
    private Node node(int i, int start, boolean[] met, int depth) {
        int at = i - start;
        if (at >= met.length || met[at]) {
            throw malformed(
                    file,
                    "a tree that leads to node " + at + (at < met.length ? " twice" : ""),
                    "each of its " + met.length + " nodes once");
        }
        if (depth >= limits.maxNesting()) {
            throw new ResourceLimitException(
                    file,
                    "a tree of more than " + depth + " levels",
                    limits.maxNesting() + ", as Limits.maxNesting says",
                    "raise Limits.maxNesting if the source is trusted");
        }
        met[at] = true;
        core.countRecords(1);
        int left = steps.half(i, 0);
        int right = steps.half(i, 1);
        if (left == 0 && right == 0) {
            return leaf(i);
        }
        return new Node(
                split(i),
                left == 0 ? leaf(i) : node(i + left, start, met, depth + 1),
                right == 0 ? leaf(i) : node(i + right, start, met, depth + 1),
                null);
    }

    private Node leaf(int i) {
        int first = leafIds.integer(i);
        if (first < 0 || first > leaves.count - outputs) {
            throw malformed(
                    file, "a leaf whose values begin at " + first, "the " + leaves.count + " values of the file");
        }
        core.countRecords(1 + outputs / 8);
        return new Node(null, null, null, leaves.doubles(first, outputs));
    }

    /** The test that a place of the list of splits names. */
    private Split split(int place) {
        int number = splits.integer(place);
        if (number < 0 || number >= count) {
            throw malformed(file, "a split by test " + number, "0 to " + (count - 1));
        }
        int found = Arrays.binarySearch(firsts, 0, tests.size(), number);
        int list = found < 0 ? -found - 2 : found;
        int at = (int) (number - firsts[list]);
        int feature = features[list];
        return feature < 0
                ? Split.categorical(~feature, tests.get(list).integer(at))
                : Split.numeric(feature, tests.get(list).float32(at));
    }
}
