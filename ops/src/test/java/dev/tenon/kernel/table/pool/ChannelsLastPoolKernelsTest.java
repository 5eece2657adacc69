package dev.tenon.kernel.table.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.op.Attributes;
import dev.tenon.op.Op;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.nn.AveragePool;
import dev.tenon.op.nn.GlobalAveragePool;
import dev.tenon.op.nn.GlobalMaxPool;
import dev.tenon.op.nn.MaxPool;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.KernelCheck;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.Tier;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pools for channels last against the reference. */
@Tag("tiers")
@net.jqwik.api.Tag("tiers")
public class ChannelsLastPoolKernelsTest {
    @Property(tries = 10)
    void poolsOfAnyGeometry(
            @ForAll @IntRange(min = 1, max = 4) int kernel,
            @ForAll @IntRange(min = 1, max = 3) int stride,
            @ForAll @IntRange(min = 1, max = 3) int dilation,
            @ForAll @IntRange(min = 0, max = 3) int pad,
            @ForAll @IntRange(min = 0, max = 9) int moreRows,
            @ForAll @IntRange(min = 0, max = 9) int moreColumns,
            @ForAll @IntRange(min = 1, max = 150) int channels,
            @ForAll boolean ceil,
            @ForAll boolean countPadding) {
        long reach = (kernel - 1L) * dilation + 1;
        Attributes a = Attributes.none()
                .with("ceil_mode", ceil)
                .with("kernel_shape", new long[] {kernel, kernel})
                .with("strides", new long[] {stride, 4 - stride})
                .with("dilations", new long[] {dilation, dilation})
                .with("pads", new long[] {pad, 0, 1, pad});
        Tensor x = Literals.random(DType.FLOAT32, 1, 2, reach + moreRows, reach + moreColumns, channels);
        x.setDouble(x.size() / 2, Double.NaN);
        pool(MaxPool.of(a), x);
        pool(AveragePool.of(a.with("count_include_pad", countPadding)), x);
    }

    /** The usual windows, with several parts, tails of channels, and special values. */
    @ParameterizedTest
    @CsvSource({"3, 1, 1", "3, 2, 1", "3, 2, 0", "3, 1, 0", "3, 1, 2", "3, 3, 1", "2, 2, 0", "2, 1, 0", "2, 1, 1"})
    void commonPools(int kernel, int stride, int pad) {
        Attributes a = Attributes.none()
                .with("kernel_shape", new long[] {kernel, kernel})
                .with("strides", new long[] {stride, stride})
                .with("pads", new long[] {pad, pad, pad, pad});
        for (long[] shape : new long[][] {{2, 7, 9, 16}, {1, 3, 3, 37}, {1, 2, 12, 20}, {1, 40, 61, 100}}) {
            boolean usual = shape[1] < 40 || kernel == 3 && stride == 2 && pad == 1;
            if (shape[1] + 2L * pad < kernel || !usual && !Exhaustive.isOn()) {
                continue;
            }
            Tensor x = Literals.random(DType.FLOAT32, 1, shape);
            pool(AveragePool.of(a), x);
            pool(AveragePool.of(a.with("count_include_pad", true)), x);
            float[] others = {
                Float.NaN,
                Float.intBitsToFloat(0xFFC00000),
                Float.NEGATIVE_INFINITY,
                Float.POSITIVE_INFINITY,
                -0f,
                -Float.MAX_VALUE
            };
            for (int i = 0; i < others.length; i++) {
                x.segment().setAtIndex(ValueLayout.JAVA_FLOAT, x.size() * i / others.length, others[i]);
            }
            pool(MaxPool.of(a), x);
        }
    }

    @Test
    void wholePlanes() {
        for (Op op : List.of(new GlobalAveragePool(), new GlobalMaxPool())) {
            pool(op, Literals.random(DType.FLOAT32, 1, 2, 7, 9, 37));
            pool(op, Literals.random(DType.FLOAT32, 2, 1, 3, 2, 5, 70));
            pool(op, Literals.random(DType.FLOAT32, 3, 2, 500, 20));
        }
    }

    public static void pool(Op op, Tensor x) {
        KernelCheck check = KernelCheck.of(new ChannelsLast(op), List.of(x), 1);
        Capabilities here = Tier.capabilities().withInstructions(Set.of());
        assertThat(check.run(CoreKernels.set(), false, here)).startsWith("pool_f32_last");
        for (Capabilities machine : Profile.ofEachWidthIfAny()) {
            boolean assembled = !op.getClass().getSimpleName().contains("Average")
                    && x.dim(x.rank() - 1) >= machine.panelColumns() / 2;
            assertThat(check.run(CoreKernels.set(), false, machine))
                    .startsWith(assembled ? "pool_f32_last_max_x64" : "pool_f32_last_scalar");
        }
    }
}
