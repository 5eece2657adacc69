package dev.tenon.kernel.table.tabular;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.tabular.RandomForests.Leaves;
import dev.tenon.kernel.table.tabular.RandomForests.Sample;
import dev.tenon.kernel.table.tabular.RandomForests.Sketch;
import dev.tenon.op.Op;
import dev.tenon.op.Operands;
import dev.tenon.op.tabular.Aggregate;
import dev.tenon.op.tabular.Labels;
import dev.tenon.op.tabular.PostTransform;
import dev.tenon.op.tabular.TreeEnsemble;
import dev.tenon.op.tabular.TreeEnsembleClassifier;
import dev.tenon.op.tabular.TreeEnsembleRegressor;
import dev.tenon.op.tabular.model.Forest;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.SeedInFailures;
import dev.tenon.testkit.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Tree ensembles give the bits of the reference, whatever the kernel and the rows beside a row. */
@Tag("assembled")
public class TreeKernelsTest {
    private static final int[] ROWS = {1, 2, 7, 8, 9, 16, 65, 200};
    private static final DType[] FEATURES = {DType.FLOAT32, DType.FLOAT64, DType.INT64, DType.INT32};
    private static final int CASES = Exhaustive.isOn() ? 5_000 : 250;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @RegisterExtension
    final SeedInFailures failures = new SeedInFailures(seed);

    private <T> T any(T[] values) {
        return values[random.nextInt(values.length)];
    }

    private Sketch sketch(DType type) {
        return new Sketch(
                1 + random.nextInt(random.nextInt(8) == 0 ? 70 : 20),
                random.nextInt(random.nextInt(6) == 0 ? 14 : 7),
                1 + random.nextInt(20),
                1 + random.nextInt(random.nextInt(4) == 0 ? 12 : 3),
                type,
                any(Leaves.values()),
                random.nextInt(3) == 0,
                random.nextInt(3) == 0);
    }

    private Op operator(Forest f) {
        int kind = random.nextInt(f.wide() ? 2 : 3);
        if (kind == 0) {
            return new TreeEnsemble(f, any(Aggregate.values()), any(PostTransform.values()));
        }
        List<Double> base = new ArrayList<>();
        for (int k = 0; k < f.targets() && kind == 1 && random.nextBoolean(); k++) {
            base.add((double) (float) random.nextGaussian());
        }
        if (kind == 1) {
            List<Double> all = base.size() == f.targets() ? base : List.of();
            return new TreeEnsembleRegressor(f, any(Aggregate.values()), all, any(PostTransform.values()));
        }
        Labels labels = Labels.of(random.longs(f.targets(), -99, 99).toArray());
        return new TreeEnsembleClassifier(f, labels, List.of(), any(PostTransform.values()));
    }

    @Test
    void resultsHaveTheBitsOfTheReference() {
        int assembled = 0;
        for (int i = 0; i < CASES; i++) {
            Sample sample = RandomForests.of(random, sketch(random.nextInt(4) == 0 ? DType.FLOAT64 : DType.FLOAT32));
            Op op = operator(sample.forest());
            DType type = op instanceof TreeEnsemble ? sample.forest().type() : any(FEATURES);
            Tensor x = sample.rows(random, type, ROWS[random.nextInt(ROWS.length)]);
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                assembled += check(op, x, machine).equals("trees_x64") ? 1 : 0;
            }
        }
        assertThat(assembled)
                .as("runs of machine code")
                .matches(n -> n > 0 || Profile.ofEachWidthAndScalar().size() == 1);
    }

    private String check(Op op, Tensor x, Capabilities machine) {
        List<Datum> inputs = List.of(x);
        int outputs = op instanceof TreeEnsembleClassifier ? 2 : 1;
        KernelRun.Prepared prepared = KernelRun.prepare(
                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, outputs), false, machine);
        List<Datum> expected = op.reference(new Operands(op, "", inputs, outputs));
        List<Tensor> found = KernelRun.run(prepared, inputs);
        for (int k = 0; k < found.size(); k++) {
            assertSame(op, x, prepared.kernel(), found.get(k), (Tensor) expected.get(k));
        }
        return prepared.kernel().id();
    }

    /** The same bits, where any NaN equals any other. */
    private void assertSame(Op op, Tensor x, Kernel kernel, Tensor found, Tensor expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        for (long i = 0; i < found.size(); i++) {
            boolean same = found.dtype() == DType.INT64
                    ? found.getLong(i) == expected.getLong(i)
                    : Double.compare(found.getDouble(i), expected.getDouble(i)) == 0;
            assertThat(same)
                    .as("seed %d, %s of %s by %s, result %d: %s", seed, op, x.type(), kernel.id(), i, found)
                    .isTrue();
        }
    }

    @Test
    void largeForestsOfAllShapes() {
        List<Sketch> sketches = List.of(
                // Distances between records that do not fit 16 bits.
                new Sketch(2, 17, 5, 1, DType.FLOAT32, Leaves.TARGET_OF_TREE, true, true),
                new Sketch(3, 40, 9, 3, DType.FLOAT32, Leaves.ALL, false, true),
                // More columns than narrow records count.
                new Sketch(1500, 4, 9000, 1, DType.FLOAT32, Leaves.TARGET_OF_TREE, true, false),
                new Sketch(40, 6, 30, 100, DType.FLOAT32, Leaves.ALL, false, false),
                new Sketch(300, 8, 50, 1, DType.FLOAT32, Leaves.TARGET_OF_TREE, false, true));
        for (Sketch sketch : sketches) {
            Sample sample = RandomForests.of(random, sketch);
            Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.SUM, List.of(), PostTransform.NONE);
            for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
                Tensor x = sample.rows(random, type, 21);
                for (Capabilities machine : Profile.ofEachWidth()) {
                    assertThat(check(op, x, machine)).isEqualTo("trees_x64");
                }
            }
        }
    }

    /** Each part reads all trees again: parts of few rows would read large forests from distant caches. */
    @Test
    void partsOfManyRowsAreWholeBlocks() {
        Sample sample = RandomForests.of(random, new Sketch(400, 8, 20, 1, DType.FLOAT32, Leaves.ONE, true, false));
        Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.SUM, List.of(), PostTransform.NONE);
        for (Capabilities machine : Profile.ofEachWidth()) {
            List<Datum> inputs = List.of(Tensor.allocate(DType.FLOAT32, 10_000, sample.features()));
            int parts = KernelRun.prepare(
                            CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), false, machine)
                    .kernel()
                    .parts();
            assertThat(parts).isBetween(32, 200);
        }
    }

    /** A row of 1000 weights for a leaf that has one would be the larger part of a gigabyte for large forests. */
    @Test
    void tablesAreNotMuchLargerThanTheWeights() {
        Sample sample = RandomForests.of(random, new Sketch(3, 8, 5, 1000, DType.FLOAT32, Leaves.ONE, true, true));
        Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.SUM, List.of(), PostTransform.NONE);
        Tensor x = sample.rows(random, DType.FLOAT32, 21);
        for (Capabilities machine : Profile.ofEachWidth()) {
            assertThat(check(op, x, machine)).isNotEqualTo("trees_x64");
        }
    }

    @Test
    void aRowHasTheSameBitsInAnyBatch() {
        for (int i = 0; i < 20; i++) {
            Sample sample = RandomForests.of(random, sketch(DType.FLOAT32));
            Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.AVERAGE, List.of(), PostTransform.NONE);
            Tensor x = sample.rows(random, DType.FLOAT32, 37);
            for (Capabilities machine : Profile.ofEachWidthAndScalar()) {
                Tensor all = run(op, x, machine);
                long targets = sample.forest().targets();
                for (int r = 0; r < 37; r++) {
                    Tensor row = Tensor.allocate(DType.FLOAT32, 1, sample.features());
                    for (int f = 0; f < sample.features(); f++) {
                        row.setDouble(f, x.getDouble((long) r * sample.features() + f));
                    }
                    Tensor one = run(op, row, machine);
                    for (int k = 0; k < targets; k++) {
                        assertThat(one.getDouble(k))
                                .as("seed %d, row %d", seed, r)
                                .isEqualTo(all.getDouble(r * targets + k));
                    }
                }
            }
        }
    }

    private static Tensor run(Op op, Tensor x, Capabilities machine) {
        List<Datum> inputs = List.of(x);
        return KernelRun.run(
                        KernelRun.prepare(
                                CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), false, machine),
                        inputs)
                .getFirst();
    }

    @Test
    void machineCodeStaysInsideOfItsOperands() {
        for (int i = 0; i < 12; i++) {
            Sample sample = RandomForests.of(random, sketch(DType.FLOAT32));
            Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.SUM, List.of(), PostTransform.NONE);
            Tensor x = sample.rows(random, DType.FLOAT32, 1 + random.nextInt(20));
            for (Capabilities machine : Profile.ofEachWidth()) {
                List<Datum> inputs = List.of(x);
                KernelRun.Prepared prepared = KernelRun.prepare(
                        CoreKernels.set(), op, inputs, KernelRun.outputTypes(op, inputs, 1), false, machine);
                Tensor expected = KernelRun.run(prepared, inputs).getFirst();
                for (boolean last : new boolean[] {false, true}) {
                    assertThat(KernelRun.guarded(prepared, x, expected.byteSize(), last)
                                    .mismatch(expected.segment()))
                            .as("seed %d", seed)
                            .isEqualTo(-1);
                }
            }
        }
    }

    public static void runsAllocateNothing() {
        Random random = new Random(1);
        for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
            Sample sample = RandomForests.of(random, new Sketch(20, 5, 10, 3, type, Leaves.ALL, false, false));
            for (int rows : new int[] {1, 100}) {
                Op op = new TreeEnsembleRegressor(sample.forest(), Aggregate.SUM, List.of(), PostTransform.LOGISTIC);
                Tensor x = sample.rows(random, type, rows);
                List<Datum> inputs = List.of(x);
                Kernel kernel = KernelRun.prepare(
                                CoreKernels.set(),
                                op,
                                inputs,
                                KernelRun.outputTypes(op, inputs, 1),
                                false,
                                Tier.capabilities())
                        .kernel();
                assertThat(KernelCheck.allocated(kernel, x.byteSize(), 3L * rows * Float.BYTES))
                        .as("%s, %d rows of %s", kernel.id(), rows, type)
                        .isZero();
            }
        }
    }
}
