package dev.tenon.kernel.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.op.Op;
import dev.tenon.op.shape.TopK;
import dev.tenon.op.tabular.Normalizer;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.KernelCheck;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** TopK, and Normalizer, with equal elements, zeros of both signs, infinities and NaN. */
class TopKKernelsTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

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
