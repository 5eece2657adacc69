package dev.tenon.kernel.table.resize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.resize.ResizeProblem;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.geometry.ResizeTaps;
import dev.tenon.op.vision.Resize;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Tails;
import dev.tenon.testkit.Tier;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kernels of Resize against the reference, and which of them is selected. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class ResizeKernelsTest {
    private static final List<String> COORDINATES =
            List.of("half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric");
    private static final List<String> NEAREST = List.of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil");

    private static final List<Attributes> MODES = List.of(
            Attributes.none(),
            Attributes.none().with("mode", "linear"),
            Attributes.none().with("mode", "cubic"),
            Attributes.none().with("mode", "linear").with("antialias", true),
            Attributes.none().with("mode", "cubic").with("antialias", true));

    /** Random numbers. For cubic they are from 1 to 2: with its negative weights, sums of other numbers may cancel. */
    private static Tensor data(Attributes a, DType type, long... dims) {
        if (!a.string("mode", "").equals("cubic")) {
            return Literals.random(type, 1, dims);
        }
        Tensor t = Literals.positive(type, 1, dims);
        for (long i = 0; i < t.size(); i++) {
            t.setDouble(i, 1 + 1 / t.getDouble(i));
        }
        return t;
    }

    private static void check(Attributes a, DType type, long[] x, long[] y) {
        Tensor sizes = Tensor.of(y);
        List<Tensor> inputs = Arrays.asList(data(a, type, x), null, null, sizes);
        assertThat(KernelCheck.run(CoreKernels.set(), Resize.of(a), inputs, 1, Tier.capabilities()))
                .startsWith("resize_f32");
    }

    /** Planes of several parts and bands, of which the last have fewer rows. */
    @ParameterizedTest
    @CsvSource({
        "115, 91, 230, 182, 0, 1",
        "91, 115, 45, 57, 1, 2",
        "60, 70, 61, 199, 2, 3",
        "90, 90, 90, 180, 3, 4",
        "100, 100, 37, 100, 4, 0"
    })
    @Tag("widest")
    void largePlanes(int height, int width, int newHeight, int newWidth, int usual, int usualLast) {
        for (int mode = 0; mode < MODES.size(); mode++) {
            Attributes a = MODES.get(mode);
            if (Exhaustive.isOn() || mode == usual) {
                check(a, DType.FLOAT32, new long[] {2, 3, height, width}, new long[] {2, 3, newHeight, newWidth});
            }
            if (Exhaustive.isOn() || mode == usualLast) {
                check(a, DType.FLOAT32, new long[] {2, height, width, 17}, new long[] {2, newHeight, newWidth, 17});
            }
        }
    }

    @Property(tries = 15)
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
        for (String mode : List.of("nearest", "linear", "cubic")) {
            Attributes a = Attributes.none().with("mode", mode);
            Resize op = Resize.of(a);
            List<Tensor> inputs = Arrays.asList(data(a, DType.FLOAT32, 2, 3, 37), null, scales);
            KernelCheck check = KernelCheck.of(op, inputs, 1);
            assertThat(check.compare(CoreKernels.set(), true, Tier.capabilities()))
                    .startsWith("resize_f32");
        }
    }

    /** Widths around those of vectors, where the last two vectors of a row overlap, and planes that are resized as rows. */
    @Property(tries = 15)
    void anyWidths(
            @ForAll @IntRange(min = 1, max = 7) int planes,
            @ForAll @IntRange(min = 1, max = 20) int height,
            @ForAll @IntRange(min = 1, max = 150) int width,
            @ForAll @IntRange(min = 1, max = 9) int newHeight,
            @ForAll @IntRange(min = 1, max = 70) int newWidth,
            @ForAll @IntRange(min = 1, max = 40) int inner,
            @ForAll @IntRange(min = 0, max = 4) int mode) {
        Attributes a = MODES.get(mode);
        check(a, DType.FLOAT32, new long[] {planes, height, width}, new long[] {planes, newHeight, newWidth});
        check(a, DType.FLOAT32, new long[] {height, width, inner}, new long[] {newHeight, newWidth, inner});
        check(a, DType.FLOAT32, new long[] {planes, height, 6}, new long[] {planes, 2L * height, 12});
        check(a, DType.FLOAT32, new long[] {height, width}, new long[] {height, newWidth});
        check(a, DType.FLOAT32, new long[] {planes, width, inner}, new long[] {planes, newWidth, inner});
    }

    @Test
    void widthsAroundEveryTail() {
        for (int size : Tails.sizes()) {
            anyWidths(2, 3, size, 5, 1 + size * 3 / 2, 3, size % MODES.size());
            anyWidths(1, 3, 5, 4, 7, size, (size + 1) % MODES.size());
        }
    }

    /** A region of interest may reverse an axis, and may cover only a few elements. */
    @Property(tries = 10)
    void anyRegions(
            @ForAll @IntRange(min = 1, max = 40) int height,
            @ForAll @IntRange(min = 1, max = 90) int width,
            @ForAll @IntRange(min = 1, max = 50) int newHeight,
            @ForAll @IntRange(min = 1, max = 50) int newWidth,
            @ForAll @IntRange(min = 0, max = 8) int from,
            @ForAll @IntRange(min = 0, max = 8) int to,
            @ForAll @IntRange(min = 0, max = 4) int mode) {
        Tensor roi = Tensor.of(new float[] {0, from / 8f, to / 8f, 1, to / 8f, from / 8f});
        Resize op = Resize.of(MODES.get(mode).with("coordinate_transformation_mode", "tf_crop_and_resize"));
        Tensor x = data(MODES.get(mode), DType.FLOAT32, 2, height, width);
        Tensor sizes = Tensor.of(new long[] {2, newHeight, newWidth});
        KernelCheck check = KernelCheck.of(op, Arrays.asList(x, roi, null, sizes), 1);
        assertThat(check.compare(CoreKernels.set(), true, Tier.capabilities())).startsWith("resize_f32");
    }

    @Test
    void infinitiesDoNotBecomeNaN() {
        Tensor x = Tensor.of(new float[] {1, Float.POSITIVE_INFINITY, 3, 4}, 1, 1, 2, 2);
        for (String mode : List.of("linear", "cubic")) {
            Resize op = Resize.of(
                    Attributes.none().with("mode", mode).with("coordinate_transformation_mode", "align_corners"));
            List<Tensor> inputs = Arrays.asList(x, null, null, Tensor.of(new long[] {1, 1, 3, 3}));
            assertThat(KernelCheck.run(CoreKernels.set(), op, inputs, 1, Tier.capabilities()))
                    .startsWith("resize_f32");
        }
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
    void vectorsForFewTaps() {
        ResizeProblem up = new ResizeProblem(8, twice(9), twice(40), 1, true, 4);
        assertThat(ResizeKernels.TABLE.choose(up, Capabilities.avx2()).choice().id())
                .isEqualTo("resize_f32_vector");
        assertThat(ResizeKernels.TABLE.choose(up, Capabilities.SCALAR).choice().id())
                .isEqualTo("resize_f32_scalar");
        assertThat(ResizeKernels.TABLE
                        .choose(new ResizeProblem(8, twice(9), average(65), 1, false, 4), Capabilities.avx2())
                        .refusals())
                .containsExactly("resize_f32_vector: 65 taps of an element");
        assertThat(ResizeKernels.TABLE
                        .choose(new ResizeProblem(8, twice(9), twice(40), 1 << 20, true, 4), Capabilities.avx2())
                        .refusals())
                .containsExactly("resize_f32_vector: rows of 41943040 elements");
    }

    /** A sample of a batch gets the kernel, and so the bits, that it gets alone. */
    @Test
    void theBatchDoesNotMatter() {
        Capabilities machine = Capabilities.avx512()
                .withMinVectorNanos(20_000)
                .withInstructions(EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512));
        Set<String> ids = new HashSet<>();
        for (int side = 1; side < 200; side += 3) {
            ResizeProblem alone = new ResizeProblem(8, twice(side), twice(side), 1, false, 4);
            ResizeProblem many = new ResizeProblem(8000, twice(side), twice(side), 1, false, 4);
            String id = ResizeKernels.TABLE.choose(alone, machine).choice().id();
            assertThat(ResizeKernels.TABLE.choose(many, machine).choice().id()).isEqualTo(id);
            ids.add(id);
        }
        assertThat(ids).containsExactlyInAnyOrder("resize_f32_vector", "resize_f32_scalar");
    }

    /** If only rows are resized, columns need no table, however many there are. */
    @Test
    void longLinesOfOneAxis() {
        ResizeTaps one = new ResizeTaps(1, new int[] {0, 1}, new int[] {0}, new double[] {1});
        ResizeProblem down = new ResizeProblem(3, one, twice(540), 1920, false, 4);
        assertThat(ResizeKernels.TABLE
                        .choose(down, Capabilities.avx2())
                        .choice()
                        .id())
                .isEqualTo("resize_f32_vector");
    }

    @Test
    void tablesAreBounded() {
        ResizeProblem many = new ResizeProblem(8, twice(9), twice(1 << 19), 2, true, 4);
        assertThat(ResizeKernels.TABLE.choose(many, Capabilities.avx2()).refusals())
                .containsExactly("resize_f32_vector: 2097152 taps");
    }

    /** One output element, the average of all inputs. */
    private static ResizeTaps average(int n) {
        int[] index = new int[n];
        double[] weight = new double[n];
        Arrays.setAll(index, i -> i);
        Arrays.fill(weight, 1.0 / n);
        return new ResizeTaps(n, new int[] {0, n}, index, weight);
    }

    /** Called by {@link KernelAllocationTest}. */
    public static void runsAllocateNothing() {
        for (ResizeTaps columns : List.of(twice(7), average(3), average(64))) {
            ResizeProblem p = new ResizeProblem(2, twice(5), columns, 1, columns.most() == 1, 1);
            Kernel kernel = ResizeKernels.TABLE.prepare(p, Tier.capabilities());
            long bytes = 10L * columns.input() * Float.BYTES;
            assertThat(KernelCheck.allocated(kernel, bytes, 20L * columns.output() * Float.BYTES))
                    .as(kernel.id())
                    .isZero();
        }
    }
}
