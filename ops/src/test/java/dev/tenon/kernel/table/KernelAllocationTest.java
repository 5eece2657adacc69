package dev.tenon.kernel.table;

import dev.tenon.kernel.table.attention.PagedAttentionKernelsTest;
import dev.tenon.kernel.table.attention.RotaryKernelsTest;
import dev.tenon.kernel.table.attention.TensorScatterKernelsTest;
import dev.tenon.kernel.table.conv.ChannelsLastIntegerConvKernelsTest;
import dev.tenon.kernel.table.conv.IntegerConvKernelsTest;
import dev.tenon.kernel.table.conv.QuantizedConvKernelsTest;
import dev.tenon.kernel.table.fused.FusedRowsTest;
import dev.tenon.kernel.table.norm.ChannelNormKernelsTest;
import dev.tenon.kernel.table.norm.NormKernelsTest;
import dev.tenon.kernel.table.norm.SumNormKernelsTest;
import dev.tenon.kernel.table.pool.PoolKernelsTest;
import dev.tenon.kernel.table.pool.QuantPoolKernelsTest;
import dev.tenon.kernel.table.quant.QuantKernelsTest;
import dev.tenon.kernel.table.reduce.ArgMinMaxKernelsTest;
import dev.tenon.kernel.table.reduce.PrefixSumKernelsTest;
import dev.tenon.kernel.table.resize.ResizeKernelsTest;
import dev.tenon.kernel.table.tabular.TreeKernelsTest;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/**
 * Once compiled, kernels allocate nothing. These families share a JVM, in this order. A family whose kernels have once
 * allocated in some JVMs and not in others has one of its own: see the tests of it.
 */
@Tag("fresh")
class KernelAllocationTest {
    @TestFactory
    Stream<DynamicTest> runsAllocateNothing() {
        return Stream.of(
                test("integer conv", IntegerConvKernelsTest::runsAllocateNothing),
                test("integer conv with channels last", ChannelsLastIntegerConvKernelsTest::runsAllocateNothing),
                test("quantized conv", QuantizedConvKernelsTest::runsAllocateNothing),
                test("pool", PoolKernelsTest::runsAllocateNothing),
                test("quantized pool", QuantPoolKernelsTest::runsAllocateNothing),
                test("norm", NormKernelsTest::runsAllocateNothing),
                test("channel norm", ChannelNormKernelsTest::runsAllocateNothing),
                test("sum norm", SumNormKernelsTest::runsAllocateNothing),
                test("fused rows", FusedRowsTest::runsAllocateNothing),
                test("arg min and max", ArgMinMaxKernelsTest::runsAllocateNothing),
                test("prefix sum", PrefixSumKernelsTest::runsAllocateNothing),
                test("rotary", () -> RotaryKernelsTest.runsAllocateNothing(false)),
                test("rotary, interleaved", () -> RotaryKernelsTest.runsAllocateNothing(true)),
                test("resize", ResizeKernelsTest::runsAllocateNothing),
                test("quant", QuantKernelsTest::runsAllocateNothing),
                test("trees", TreeKernelsTest::runsAllocateNothing),
                test("paged attention", PagedAttentionKernelsTest::runsAllocateNothing),
                test("tensor scatter", TensorScatterKernelsTest::runsAllocateNothing));
    }

    private static DynamicTest test(String family, Executable runs) {
        return DynamicTest.dynamicTest(family, runs);
    }
}
