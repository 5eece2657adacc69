package dev.tenon.samples.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.LinearClassifier;
import dev.tenon.op.tabular.LinearRegressor;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.SvmKernel;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.samples.tabular.RandomTrees.Leaves;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TreeSketch;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;

/**
 * Random models of tables give the results of ONNX Runtime, which also shows that it can read the files that Tenon
 * writes. Three cases are left out: the results of ONNX Runtime are uninitialised memory for PROBIT of a single score,
 * they are undefined for PROBIT of a tree ensemble outside of (0, 1), and they contradict the standard for SOFTMAX and
 * LOGISTIC in TreeEnsemble, whose numbers are exchanged.
 */
@Tag("tiers")
class TablesOracleTest {
    /** The largest error of a score, relative to the largest score. ONNX Runtime computes in float. */
    private static final double TOLERANCE = 4e-6;

    private static final int TRIES = 60;
    /** A fixed seed, so that a build fails only because of a change. */
    private static final String SEED = "20260415";

    private static final PostTransform[] TRANSFORMS = {
        PostTransform.NONE, PostTransform.LOGISTIC, PostTransform.SOFTMAX, PostTransform.SOFTMAX_ZERO
    };

    private static PostTransform transform(Random random) {
        return TRANSFORMS[random.nextInt(TRANSFORMS.length)];
    }

    /**
     * A transform for probabilities. One transform treats probabilities below 1e-7 as zero, so near that the last bits
     * would decide.
     */
    private static PostTransform ofProbabilities(Random random) {
        return TRANSFORMS[random.nextInt(TRANSFORMS.length - 1)];
    }

    private static void check(Op op, long version, Tensor x) throws OrtException {
        byte[] bytes = OnnxRuntimeOperator.model(op, version, x);
        List<Tensor> expected = OnnxRuntimeOperator.run(bytes, x);
        Outputs actual = Model.load(ByteBuffer.wrap(bytes)).session().predict(Map.of("X", x));
        List<String> names = expected.size() == 1 ? List.of("Y") : List.of("Y", "Z");
        for (int i = 0; i < expected.size(); i++) {
            same(op + " output " + names.get(i), actual.tensor(names.get(i)), expected.get(i));
        }
    }

    private static void same(String what, Tensor actual, Tensor expected) {
        assertThat(actual.dims()).as(what).isEqualTo(expected.dims());
        if (!expected.dtype().isFloating()) {
            assertThat(actual.contentEquals(expected)).as(what).isTrue();
            return;
        }
        double largest = 1;
        for (double v : expected.toDoubleArray()) {
            largest = Math.max(largest, Math.abs(v));
        }
        for (long i = 0; i < expected.size(); i++) {
            double e = expected.getDouble(i);
            double a = actual.getDouble(i);
            assertThat(Math.abs(a - e) <= TOLERANCE * largest || Double.isNaN(a) && Double.isNaN(e))
                    .as(what + ", element " + i + ": " + a + " instead of " + e)
                    .isTrue();
        }
    }

    private static DType features(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> DType.FLOAT64;
            case 1 -> DType.INT64;
            default -> DType.FLOAT32;
        };
    }

    private static int rows(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> 1;
            case 1 -> 1 + random.nextInt(20);
            default -> 100;
        };
    }

    @Property(tries = TRIES, seed = SEED)
    void regression(@ForAll long seed) throws OrtException {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(3);
        RandomTrees trees = new RandomTrees(random, 5);
        boolean base = random.nextBoolean();
        // ONNX Runtime adds no base value to a target for which a row reaches no weight.
        Leaves leaves = base ? Leaves.ALL : Leaves.ANY;
        TreeSketch sketch = TreeSketch.targets();
        Attributes a = trees.older(sketch, 1 + random.nextInt(90), random.nextInt(7), random.nextBoolean(), n, leaves)
                .with("n_targets", n)
                .with(
                        "aggregate_function",
                        List.of("SUM", "AVERAGE", "MIN", "MAX").get(random.nextInt(4)))
                .with("post_transform", transform(random).name());
        if (base) {
            a = a.with("base_values", Collections.nCopies(n, 0.75f));
        }
        DType type = random.nextBoolean() ? DType.FLOAT32 : DType.FLOAT64;
        check(TreeEnsembleRegressor.of(a), 3, trees.rows(type, rows(random)));
    }

    @Property(tries = TRIES, seed = SEED)
    void classification(@ForAll long seed) throws OrtException {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(4);
        Leaves leaves = n == 2 ? random.nextBoolean() ? Leaves.FIRST : Leaves.ALL : Leaves.values()[random.nextInt(3)];
        RandomTrees trees = new RandomTrees(random, 5);
        TreeSketch sketch = TreeSketch.classes();
        Attributes a = trees.older(sketch, 1 + random.nextInt(90), random.nextInt(7), random.nextBoolean(), n, leaves);
        long[] labels = new long[n];
        List<String> strings = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            labels[k] = n == 2 ? k : 10 * k - 5;
            strings.add("class " + k);
        }
        a = a.with("post_transform", transform(random).name());
        a = random.nextBoolean() && n > 1
                ? a.with("classlabels_strings", strings)
                : a.with("classlabels_int64s", labels);
        if (random.nextBoolean() && n > 2) {
            a = a.with("base_values", Collections.nCopies(n, 0.75f));
        }
        check(TreeEnsembleClassifier.of(a), 3, trees.rows(features(random), rows(random)));
    }

    @Property(tries = TRIES, seed = SEED)
    void newerForm(@ForAll long seed) throws OrtException {
        Random random = new Random(seed);
        DType type = random.nextBoolean() ? DType.FLOAT32 : DType.FLOAT64;
        int n = 1 + random.nextInt(3);
        RandomTrees trees = new RandomTrees(random, 5);
        Attributes a = trees.newer(type, 1 + random.nextInt(20), 1 + random.nextInt(5), n)
                .with("aggregate_function", random.nextInt(4));
        check(TreeEnsemble.of(a), 5, trees.rows(type, rows(random)));
    }

    private static List<Float> numbers(Random random, int count) {
        List<Float> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add((float) random.nextGaussian());
        }
        return list;
    }

    private static Tensor gaussian(Random random, int rows, int features) {
        Tensor x = Tensor.allocate(DType.FLOAT32, rows, features);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, random.nextGaussian());
        }
        return x;
    }

    private static Labels labels(Random random, int n) {
        long[] labels = new long[n];
        String[] strings = new String[n];
        for (int k = 0; k < n; k++) {
            labels[k] = 3L * k + 1;
            strings[k] = "class " + k;
        }
        return random.nextBoolean() ? Labels.of(labels) : Labels.of(strings);
    }

    @Property(tries = TRIES, seed = SEED)
    void linear(@ForAll long seed) throws OrtException {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(4);
        int features = 1 + random.nextInt(40);
        Tensor x = gaussian(random, rows(random), features);
        List<Float> coefficients = numbers(random, n * features);
        check(new LinearRegressor(coefficients, numbers(random, n), n, transform(random)), 1, x);
        Labels labels = labels(random, Math.max(2, n));
        check(new LinearClassifier(coefficients, numbers(random, n), labels, transform(random)), 1, x);
    }

    @Property(tries = TRIES, seed = SEED)
    void supportVectors(@ForAll long seed) throws OrtException {
        Random random = new Random(seed);
        int n = 2 + random.nextInt(3);
        int features = 1 + random.nextInt(20);
        int pairs = n * (n - 1) / 2;
        List<Long> perClass = new ArrayList<>();
        for (int k = 0; k < n; k++) {
            perClass.add(1L + random.nextInt(9));
        }
        int vectors = perClass.stream().mapToInt(Long::intValue).sum();
        SvmKernel kernel =
                new SvmKernel(SvmKernel.Type.values()[random.nextInt(4)], List.of(0.25f, 0.5f, 1f + random.nextInt(3)));
        List<Float> support = numbers(random, vectors * features);
        boolean probabilities = random.nextBoolean();
        Tensor x = gaussian(random, rows(random), features);
        SVMClassifier classifier = new SVMClassifier(
                kernel,
                support,
                perClass,
                numbers(random, (n - 1) * vectors),
                numbers(random, pairs),
                probabilities ? Collections.nCopies(pairs, -1.5f) : List.of(),
                probabilities ? numbers(random, pairs) : List.of(),
                labels(random, n),
                probabilities ? ofProbabilities(random) : transform(random));
        check(classifier, 1, x);
        SVMRegressor regressor = new SVMRegressor(
                kernel,
                support,
                vectors,
                numbers(random, vectors),
                numbers(random, 1),
                random.nextInt(4) == 0,
                PostTransform.NONE);
        check(regressor, 1, x);
    }
}
