package dev.tenon.kernel.table.reduce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.budget.WorkBudget;
import dev.tenon.budget.WorkLimits;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.reduce.TopKProblem;
import dev.tenon.kernel.scalar.reduce.ScalarTopK;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Op;
import dev.tenon.op.shape.TopK;
import dev.tenon.op.tabular.Normalizer;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.SeedInFailures;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TopK, and Normalizer, with equal elements, zeros of both signs, infinities and NaN. */
class TopKKernelsTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @RegisterExtension
    final SeedInFailures failures = new SeedInFailures(seed);

    private Tensor data(DType type, long... dims) {
        Tensor t = Tensor.allocate(type, dims);
        for (long i = 0; i < t.size(); i++) {
            switch (random.nextInt(8)) {
                case 0 -> t.setDouble(i, Float.NaN);
                case 1 -> t.setDouble(i, random.nextBoolean() ? 0.0 : -0.0);
                case 2 -> t.setDouble(i, random.nextBoolean() ? Float.POSITIVE_INFINITY : Float.NEGATIVE_INFINITY);
                case 3, 4 -> t.setDouble(i, random.nextInt(4) - 2);
                default -> t.setDouble(i, random.nextGaussian());
            }
        }
        return t;
    }

    @Test
    void bestElementsAreThoseOfTheReference() {
        for (int i = 0; i < 300; i++) {
            int axis = random.nextInt(3);
            long[] dims = {1 + random.nextInt(4), 1 + random.nextInt(4), 1 + random.nextInt(4)};
            dims[axis] = 1L + random.nextInt(random.nextBoolean() ? 5 : 200);
            Op op = new TopK(random.nextBoolean() ? axis : axis - 3, random.nextBoolean(), true);
            Tensor k = Tensor.of(new long[] {random.nextInt((int) dims[axis] + 1)}, 1);
            List<Datum> inputs = List.of(data(DType.FLOAT32, dims), k);
            String id = KernelCheck.run(CoreKernels.set(), op, inputs, 2, Capabilities.SCALAR);
            assertThat(id).as("seed %d, %s", seed, op).isEqualTo("topk_f32_scalar");
        }
    }

    /** One line may take long. */
    @ParameterizedTest
    @ValueSource(ints = {1, 50_000, 100_000})
    void aLineLooksAtTheBudget(int k) {
        int length = 100_000;
        MemorySegment x = Arena.ofAuto().allocate((long) length * Float.BYTES, Long.BYTES);
        MemorySegment heap = Arena.ofAuto().allocate((long) length * Long.BYTES, Long.BYTES);
        Kernel kernel = new ScalarTopK(new TopKProblem(1, length, 1, k, true));
        int[] looks = new int[1];
        WorkBudget budget =
                WorkBudget.started("work", new WorkLimits(Long.MAX_VALUE, Long.MAX_VALUE, "time", "operations"));
        budget.stopWhen(() -> {
            looks[0]++;
            return false;
        });
        WorkBudget before = budget.enter();
        try {
            kernel.runAll(new MemorySegment[] {x, null, null, null}, heap);
        } finally {
            WorkBudget.leave(before);
        }
        assertThat(looks[0]).isGreaterThanOrEqualTo(length / 5_000);
    }

    @Test
    void normsAreThoseOfTheReference() {
        for (String norm : List.of("MAX", "L1", "L2")) {
            for (int i = 0; i < 20; i++) {
                Op op = new Normalizer(norm);
                DType type = random.nextBoolean() ? DType.FLOAT32 : DType.FLOAT64;
                Tensor x = Tensor.allocate(type, 1 + random.nextInt(50), 1 + random.nextInt(70));
                boolean zeros = random.nextInt(4) == 0;
                for (long e = 0; e < x.size() && !zeros; e++) {
                    x.setDouble(e, random.nextGaussian());
                }
                String id = KernelCheck.run(CoreKernels.set(), op, List.of(x), 1, Capabilities.SCALAR);
                assertThat(id).as("seed %d, %s", seed, op).isEqualTo("normalizer_scalar");
            }
        }
    }
}
