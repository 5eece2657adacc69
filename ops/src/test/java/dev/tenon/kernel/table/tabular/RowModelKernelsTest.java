package dev.tenon.kernel.table.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.SVMClassifier;
import dev.tenon.op.tabular.SVMRegressor;
import dev.tenon.op.tabular.SvmKernel;
import dev.tenon.op.tabular.model.SupportVectorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.SeedInFailures;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Support vector machines agree with the reference, whatever the kernel and the rows beside a row. */
@Tag("assembled")
class RowModelKernelsTest {
    private static final int[] ROWS = {1, 2, 23, 24, 25, 49, 130};
    private static final float[] DEGREES = {0, 1, 2, 3, 4, 2.5f};
    private static final String ASSEMBLED = "support_vectors_avx";

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @RegisterExtension
    final SeedInFailures failures = new SeedInFailures(seed);

    private static void checkKernel(Op op, int outputs, Tensor x, Capabilities machine) {
        String expected = machine.equals(Capabilities.SCALAR) ? "row_model_scalar" : ASSEMBLED;
        assertThat(prepare(op, outputs, x, machine).kernel().id()).startsWith(expected);
    }

    private List<Float> numbers(int count, double scale) {
        List<Float> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add((float) (random.nextGaussian() * scale));
        }
        return all;
    }

    private SvmKernel kernel(int features) {
        SvmKernel.Type type = SvmKernel.Type.values()[random.nextInt(4)];
        float degree = DEGREES[random.nextInt(DEGREES.length)];
        // No root of a negative number.
        float offset = degree == (int) degree ? 0.25f : 9;
        return new SvmKernel(type, List.of(0.5f / features, offset, degree));
    }

    private SVMRegressor regressor(int features, int vectors) {
        return new SVMRegressor(
                kernel(features),
                numbers(vectors * features, 1),
                vectors,
                numbers(vectors, 1),
                List.of(0.5f),
                random.nextInt(4) == 0,
                PostTransform.NONE);
    }

    private SVMClassifier classifier(int features, int vectors, int classes, boolean probabilities) {
        List<Long> perClass = new ArrayList<>();
        int all = 0;
        for (int k = 0; k < classes; k++) {
            int own = k == 0 ? vectors : random.nextInt(vectors + 1);
            perClass.add((long) own);
            all += own;
        }
        int pairs = classes * (classes - 1) / 2;
        return new SVMClassifier(
                kernel(features),
                numbers(all * features, 1),
                perClass,
                numbers((classes - 1) * all, 1),
                numbers(pairs, 1),
                probabilities ? numbers(pairs, 1) : List.of(),
                probabilities ? numbers(pairs, 1) : List.of(),
                Labels.of(random.longs(classes, -99, 99).toArray()),
                random.nextBoolean() ? PostTransform.NONE : PostTransform.LOGISTIC);
    }

    private Tensor rows(int rows, int features) {
        Tensor x = Tensor.allocate(DType.FLOAT32, rows, features);
        for (long i = 0; i < x.size(); i++) {
            x.setDouble(i, (float) random.nextGaussian());
        }
        return x;
    }

    /** The largest sum of the absolute values of terms, and of what their errors are multiplied by. */
    private static double magnitude(SupportVectorModel m, Tensor x, long row) {
        double[] sums = new double[m.sums()];
        for (int v = 0; v < m.vectors(); v++) {
            double product = 0;
            for (int f = 0; f < m.features(); f++) {
                product += Math.abs(x.getDouble(row * m.features() + f) * m.component(v, f));
            }
            double argument = Math.abs(m.gamma()) * product + Math.abs(m.offset());
            double value =
                    switch (m.function()) {
                        case IDENTITY -> product;
                        case POWER -> Math.max(1, m.degree()) * Math.pow(argument, m.degree());
                        case EXPONENTIAL -> 1;
                        case TANH -> 1 + argument;
                    };
            for (int s = 0; s < sums.length; s++) {
                sums[s] += Math.abs(m.coefficient(v, s)) * value;
            }
        }
        double most = 0;
        for (double sum : sums) {
            most = Math.max(most, sum);
        }
        return most;
    }

    private static List<Tensor> run(Op op, int outputs, Tensor x, Capabilities machine) {
        return KernelRun.run(prepare(op, outputs, x, machine), List.of(x));
    }

    private static KernelRun.Prepared prepare(Op op, int outputs, Tensor x, Capabilities machine) {
        List<Datum> inputs = List.of(x);
        return KernelRun.prepare(
                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, outputs), false, machine);
    }

    private static Tensor magnitudes(SupportVectorModel m, Tensor x, Tensor results) {
        Tensor all = Tensor.allocate(DType.FLOAT32, results.dims());
        long columns = results.size() / x.dim(0);
        for (long i = 0; i < all.size(); i++) {
            all.setDouble(i, magnitude(m, x, i / columns));
        }
        return all;
    }

    @Test
    void regressorsAgreeWithTheReference() {
        for (int i = 0; i < 60; i++) {
            int features = 1 + random.nextInt(i % 10 == 0 ? 300 : 40);
            SVMRegressor op = regressor(features, 1 + random.nextInt(i % 10 == 5 ? 1200 : 90));
            Tensor x = rows(ROWS[random.nextInt(ROWS.length)], features);
            Tensor expected =
                    (Tensor) op.reference(new Operands(op, "", List.of(x), 1)).getFirst();
            Tensor magnitudes = magnitudes((SupportVectorModel) op.model(), x, expected);
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                checkKernel(op, 1, x, machine);
                Tensor found = run(op, 1, x, machine).getFirst();
                if (!op.oneClass()) {
                    Closeness.check(op.kernel() + " seed " + seed, found, expected, magnitudes, op.numerics());
                    continue;
                }
                for (float side : found.toFloatArray()) {
                    assertThat(Math.abs(side)).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void classifiersAgreeWithTheReference() {
        for (int i = 0; i < 60; i++) {
            int features = 1 + random.nextInt(30);
            SVMClassifier op = classifier(features, 1 + random.nextInt(40), 2 + random.nextInt(4), false);
            Tensor x = rows(ROWS[random.nextInt(ROWS.length)], features);
            SVMClassifier shown = new SVMClassifier(
                    op.kernel(),
                    op.supportVectors(),
                    op.vectorsPerClass(),
                    op.coefficients(),
                    op.rho(),
                    List.of(),
                    List.of(),
                    op.labels(),
                    PostTransform.NONE);
            List<Datum> expected = shown.reference(new Operands(shown, "", List.of(x), 2));
            Tensor magnitudes = magnitudes((SupportVectorModel) shown.model(), x, (Tensor) expected.get(1));
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                checkKernel(shown, 2, x, machine);
                List<Tensor> found = run(shown, 2, x, machine);
                Closeness.check(
                        op.kernel() + " seed " + seed, found.get(1), expected.get(1), magnitudes, op.numerics());
                labelsFollowFromDecisions(shown, found, x);
                Tensor only = run(shown, 1, x, machine).getFirst();
                assertThat(only.toLongArray()).isEqualTo(found.getFirst().toLongArray());
            }
        }
    }

    private void labelsFollowFromDecisions(SVMClassifier op, List<Tensor> found, Tensor x) {
        SupportVectorModel m = (SupportVectorModel) op.model();
        int classes = op.labels().size();
        for (int r = 0; r < x.dim(0); r++) {
            int[] votes = new int[classes];
            int pair = 0;
            for (int i = 0; i < classes; i++) {
                for (int j = i + 1; j < classes; j++) {
                    int column = classes == 2 ? 1 : pair++;
                    votes[found.get(1).getDouble((long) r * m.results() + column) > 0 ? i : j]++;
                }
            }
            int best = 0;
            for (int k = 1; k < classes; k++) {
                best = votes[k] > votes[best] ? k : best;
            }
            assertThat(found.getFirst().getLong(r))
                    .as("seed %d row %d", seed, r)
                    .isEqualTo(op.labels().integers().get(best));
        }
    }

    @Test
    void probabilitiesAgreeWithTheReference() {
        for (int i = 0; i < 30; i++) {
            int features = 1 + random.nextInt(30);
            SVMClassifier op = classifier(features, 1 + random.nextInt(40), 2, true);
            Tensor x = rows(ROWS[random.nextInt(ROWS.length)], features);
            Tensor expected =
                    (Tensor) op.reference(new Operands(op, "", List.of(x), 2)).get(1);
            Tensor magnitudes = magnitudes((SupportVectorModel) op.model(), x, expected);
            // The slope of a probability multiplies the error of a decision.
            double slope = Math.max(1, Math.abs(op.probA().getFirst()));
            for (long k = 0; k < magnitudes.size(); k++) {
                magnitudes.setDouble(k, slope * magnitudes.getDouble(k) + slope);
            }
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                Tensor found = run(op, 2, x, machine).get(1);
                Closeness.check(op.kernel() + " seed " + seed, found, expected, magnitudes, op.numerics());
            }
        }
    }

    @Test
    void aRowHasTheSameBitsInAnyBatch() {
        for (int i = 0; i < 20; i++) {
            int features = 1 + random.nextInt(30);
            SVMRegressor op = regressor(features, 1 + random.nextInt(90));
            Tensor x = rows(53, features);
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                float[] all = run(op, 1, x, machine).getFirst().toFloatArray();
                for (int r = 0; r < 53; r++) {
                    int length = 1 + random.nextInt(Math.min(7, 53 - r));
                    Tensor part = Tensor.allocate(DType.FLOAT32, length, features);
                    for (long k = 0; k < part.size(); k++) {
                        part.setDouble(k, x.getDouble((long) r * features + k));
                    }
                    float[] some = run(op, 1, part, machine).getFirst().toFloatArray();
                    for (int k = 0; k < length; k++) {
                        assertThat(some[k]).as("seed %d, row %d", seed, r + k).isEqualTo(all[r + k]);
                    }
                }
            }
        }
    }

    @Test
    void distantRowsThatAreNearToEachOtherHaveExactDistances() {
        SVMRegressor op = new SVMRegressor(
                new SvmKernel(SvmKernel.Type.RBF, List.of(1f, 0f, 3f)),
                List.of(4096f, 4096f),
                1,
                List.of(1f),
                List.of(0f),
                false,
                PostTransform.NONE);
        Tensor x = Tensor.of(new float[] {4096, 4096.5f}, 1, 2);
        for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
            double found = run(op, 1, x, machine).getFirst().getDouble(0);
            Tensor expected = Tensor.of(new float[] {(float) Math.exp(-0.25)}, 1, 1);
            Closeness.check("a distance", Tensor.of(new float[] {(float) found}, 1, 1), expected, null, op.numerics());
        }
    }

    @Test
    void machineCodeStaysInsideOfItsOperands() {
        for (int i = 0; i < 12; i++) {
            int features = 1 + random.nextInt(30);
            SVMRegressor op = regressor(features, 1 + random.nextInt(90));
            Tensor x = rows(ROWS[random.nextInt(ROWS.length)], features);
            for (Capabilities machine : Profile.ofEachWidth()) {
                KernelRun.Prepared prepared = prepare(op, 1, x, machine);
                Tensor expected = KernelRun.run(prepared, List.of(x)).getFirst();
                for (boolean last : new boolean[] {false, true}) {
                    assertThat(KernelRun.guarded(prepared, x, expected.byteSize(), last)
                                    .mismatch(expected.segment()))
                            .as("seed %d", seed)
                            .isEqualTo(-1);
                }
            }
        }
    }
}
