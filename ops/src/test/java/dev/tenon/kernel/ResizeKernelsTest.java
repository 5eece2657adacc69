package dev.tenon.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.Operands;
import dev.tenon.op.vision.Resize;
import dev.tenon.op.vision.ResizeTaps;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import dev.tenon.testkit.Closeness;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.KernelRun;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tier;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Kernels of Resize against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
class ResizeKernelsTest {
    private static final List<String> COORDINATES =
            List.of("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric");
    private static final List<String> NEAREST = List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");

    private static void check(Attributes a, DType type, long[] x, long[] y) {
        Tensor sizes = Tensor.of(y);
        List<Tensor> inputs = Arrays.asList(Literals.random(type, 1, x), null, null, sizes);
        assertThat(KernelCheck.run(ResizeKernels.SET, Resize.of(a), inputs, 1, Tier.capabilities()))
                .startsWith("resize_f32");
    }

    @Property(tries = 150)
    void anySizes(
            @ForAll @IntRange(min = 1, max = 9) int height,
            @ForAll @IntRange(min = 1, max = 40) int width,
            @ForAll @IntRange(min = 1, max = 19) int newHeight,
            @ForAll @IntRange(min = 1, max = 60) int newWidth,
            @ForAll @IntRange(min = 0, max = 4) int coordinates,
            @ForAll @IntRange(min = 0, max = 3) int nearest,
            @ForAll boolean channelsLast) {
        Attributes a = Attributes.none()
                .with("coordinate_transformation_mode", COORDINATES.get(coordinates))
                .with("nearest_mode", NEAREST.get(nearest));
        long[] x = channelsLast ? new long[] {2, height, width, 19} : new long[] {2, 3, height, width};
        long[] y = channelsLast ? new long[] {2, newHeight, newWidth, 19} : new long[] {2, 3, newHeight, newWidth};
        check(a, DType.FLOAT32, x, y);
        check(a, DType.INT32, x, y);
        check(a.with("mode", "linear"), DType.FLOAT32, x, y);
        check(a.with("mode", "linear").with("antialias", true), DType.FLOAT32, x, y);
        check(a.with("mode", "cubic"), DType.FLOAT32, x, y);
    }

    @Test
    void oneAxisByConstantScales() {
        Tensor scales = Tensor.of(new float[] {1, 1, 2.5f});
        List<Datum> inputs = Arrays.asList(Literals.random(DType.FLOAT32, 1, 2, 3, 37), null, scales);
        List<TensorType> types =
                List.of(Tensor.allocate(DType.FLOAT32, 2, 3, 92).type());
        for (String mode : List.of("nearest", "linear", "cubic")) {
            Resize op = Resize.of(Attributes.none().with("mode", mode));
            KernelRun.Prepared prepared =
                    KernelRun.prepare(ResizeKernels.SET, op, inputs, types, true, Tier.capabilities());
            List<Datum> expected = op.reference(new Operands(op, "", inputs, 1));
            Closeness.check(
                    prepared.kernel().id() + " of " + op,
                    KernelRun.run(prepared, inputs).getFirst(),
                    expected.getFirst(),
                    Closeness.magnitudes(op, inputs, 1).getFirst(),
                    op.numerics());
        }
    }

    @Test
    void infinitiesDoNotBecomeNaN() {
        Tensor x = Tensor.of(new float[] {1, Float.POSITIVE_INFINITY, 3, 4}, 1, 1, 2, 2);
        Resize op = Resize.of(
                Attributes.none().with("mode", "linear").with("coordinate_transformation_mode", "align_corners"));
        List<Tensor> inputs = Arrays.asList(x, null, null, Tensor.of(new long[] {1, 1, 3, 3}));
        assertThat(KernelCheck.run(ResizeKernels.SET, op, inputs, 1, Tier.capabilities()))
                .startsWith("resize_f32");
    }

    private static ResizeTaps twice(int n) {
        int[] start = new int[2 * n + 1];
        int[] index = new int[2 * n];
        double[] weight = new double[2 * n];
        for (int o = 0; o < 2 * n; o++) {
            start[o + 1] = o + 1;
            index[o] = o / 2;
            weight[o] = 1;
        }
        return new ResizeTaps(n, start, index, weight);
    }

    @Test
    void vectorsForAtMostTwoTaps() {
        ResizeProblem up = new ResizeProblem(8, twice(9), twice(40), 1, true, 4);
        assertThat(ResizeKernels.TABLE.select(up, Capabilities.avx2()).id()).isEqualTo("resize_f32_up_vector");
        assertThat(ResizeKernels.TABLE.select(up, Capabilities.SCALAR).id()).isEqualTo("resize_f32_scalar");
        ResizeProblem last = new ResizeProblem(8, twice(9), twice(40), 3, true, 4);
        assertThat(ResizeKernels.TABLE.select(last, Capabilities.avx2()).id()).isEqualTo("resize_f32_vector");
        assertThat(ResizeKernels.TABLE.refusals(last, Capabilities.avx2()))
                .containsExactly("resize_f32_up_vector: 3 elements that move together");
        ResizeTaps half = new ResizeTaps(5, new int[] {0, 1, 2}, new int[] {0, 2}, new double[] {1, 1});
        ResizeProblem down = new ResizeProblem(99, half, twice(40), 1, true, 4);
        assertThat(ResizeKernels.TABLE.refusals(down, Capabilities.avx2()))
                .containsExactly("resize_f32_up_vector: elements that are left out");
        ResizeTaps three = new ResizeTaps(3, new int[] {0, 3}, new int[] {0, 1, 2}, new double[] {1, 1, 1});
        assertThat(ResizeKernels.TABLE.refusals(
                        new ResizeProblem(8, twice(9), three, 1, false, 4), Capabilities.avx2()))
                .containsExactly("resize_f32_up_vector: 3 elements for one", "resize_f32_vector: 3 elements for one");
    }

    @Test
    @Tag("fresh")
    void runsAllocateNothing() {
        for (boolean move : new boolean[] {false, true}) {
            ResizeProblem p = new ResizeProblem(2, twice(5), twice(7), 1, move, 1);
            Kernel kernel = ResizeKernels.TABLE.prepare(p, Tier.capabilities());
            assertThat(KernelCheck.allocated(kernel, 70L * Float.BYTES, 280L * Float.BYTES))
                    .as(kernel.id())
                    .isZero();
        }
    }
}
