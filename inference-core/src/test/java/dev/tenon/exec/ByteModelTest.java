package dev.tenon.exec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.fixtures.SmallModels;
import dev.tenon.graph.Graph;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.plan.Compiler;
import dev.tenon.plan.Program;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A model of quantised operators gives the same bytes whatever the machine has, and whatever is rewritten. */
class ByteModelTest {
    private static final long SEED = 20_251;

    private static String weights(Random random, int count) {
        return random.ints(count, -100, 100).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    private static String scales(Random random, int count) {
        return random.doubles(count, 0.001, 0.004)
                .mapToObj(d -> Float.toString((float) d))
                .collect(Collectors.joining(", "));
    }

    private static String convolution(Random random, String y, String x, int[] w, String attributes) {
        int count = w[0] * w[1] * w[2] * w[3];
        return "%w" + y + " = const i8[" + w[0] + "," + w[1] + "," + w[2] + "," + w[3] + "] {" + weights(random, count)
                + "}\n%s" + y + " = const f32[" + w[0] + "] {" + scales(random, w[0])
                + "}\n%b" + y + " = const i32[" + w[0] + "] {" + weights(random, w[0]) + "}\n%" + y
                + " = QLinearConv<" + attributes + ">(%" + x + ", %u, %z, %w" + y + ", %s" + y + ", %n, %u, %z, %b" + y
                + ")\n";
    }

    private static Graph model() {
        Random random = new Random(SEED);
        return SmallModels.graph("graph (%x: u8[n,3,17,19]) {\n"
                + "%u = const f32[] {0.05}\n%z = const u8[] {120}\n%n = const i8[] {0}\n"
                + convolution(random, "a", "x", new int[] {16, 3, 3, 3}, "pads=[1, 1, 1, 1], strides=[2, 2]")
                + "%m = MaxPool<kernel_shape=[3, 3], pads=[1, 1, 1, 1]>(%a)\n"
                + convolution(random, "c", "m", new int[] {16, 1, 3, 3}, "pads=[1, 1, 1, 1], group=16")
                + convolution(random, "d", "c", new int[] {64, 16, 1, 1}, "strides=[1, 1]")
                + convolution(random, "e", "d", new int[] {64, 64, 1, 1}, "strides=[1, 1]")
                + convolution(random, "f", "e", new int[] {64, 1, 5, 5}, "pads=[2, 2, 2, 2], group=64")
                + convolution(random, "g", "f", new int[] {64, 16, 3, 3}, "pads=[1, 1, 1, 1], group=4")
                + "%h = com.microsoft.QLinearAdd(%g, %u, %z, %d, %u, %z, %u, %z)\n"
                + "%i = com.microsoft.QLinearAveragePool<kernel_shape=[9, 10]>(%h, %u, %z, %u, %z)\n"
                + "%shape = const i64[2] {0, -1}\n%j = Reshape(%i, %shape)\n"
                + "%wm = const i8[64,10] {" + weights(random, 640) + "}\n"
                + "%y = QLinearMatMul(%j, %u, %z, %wm, %u, %n, %u, %z)\n"
                + "return y=%y, h=%h\n}");
    }

    private static List<Tensor> run(Capabilities machine, Compiler.Optimization optimization, int threads) {
        Compiler compiler = new Compiler(CoreKernels.set(), machine, optimization);
        Program program = compiler.compile(model());
        CallLimits none = CallLimits.NONE;
        Executor executor = new Executor(program, compiler, none, threads, null, new WorkerPool(threads));
        ExecutionContext context = executor.acquire();
        Tensor x = Tensor.allocate(DType.UINT8, 2, 3, 17, 19);
        Random random = new Random(SEED);
        for (long i = 0; i < x.size(); i++) {
            x.setLong(i, random.nextInt(256));
        }
        context.inputs()[0] = x;
        executor.run(context);
        List<Tensor> results = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            results.add(((Tensor) context.outputs()[i]).copy());
        }
        executor.release(context);
        return results;
    }

    @Test
    void bytesAreTheSameWithAndWithoutDotProducts() {
        List<Tensor> plain = run(Capabilities.SCALAR, Compiler.Optimization.NONE, 1);
        assertThat(Arrays.stream(plain.getFirst().toLongArray()).distinct().count())
                .isGreaterThan(4);
        same(plain, run(Capabilities.SCALAR, Compiler.Optimization.FULL, 1));
        for (Capabilities machine : Profile.ofEachByteProduct()) {
            same(plain, run(machine, Compiler.Optimization.FULL, 1));
            same(plain, run(machine, Compiler.Optimization.FULL, 3));
            same(plain, run(machine, Compiler.Optimization.EXACT, 1));
        }
    }

    private static void same(List<Tensor> expected, List<Tensor> found) {
        for (int i = 0; i < expected.size(); i++) {
            assertThat(found.get(i).toLongArray()).isEqualTo(expected.get(i).toLongArray());
        }
    }
}
