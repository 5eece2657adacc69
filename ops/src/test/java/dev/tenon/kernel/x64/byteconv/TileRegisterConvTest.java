package dev.tenon.kernel.x64.byteconv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Window2d;
import dev.tenon.kernel.conv.ConvShape;
import dev.tenon.kernel.conv.QuantizedConvProblem;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Literals;
import dev.tenon.testkit.TestData;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The convolution of bytes as it is for tile registers has the same results as for vectors, which stand in for tile registers
 * here.
 */
@Tag("vector")
class TileRegisterConvTest {
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    @Test
    void resultsDoNotDependOnParts() {
        boolean there = ByteArithmetic.DOTS_512.runsOn(Tiers.detect().capabilities());
        TestData.needs(there, "no AVX512-VNNI", "tenon.test.every.processor");
        for (int i = 0; i < 12; i++) {
            convolution(1, 1 + random.nextInt(60), 4 * (1 + random.nextInt(60)), 4 * (1 + random.nextInt(40)));
            convolution(3, 3 + random.nextInt(30), 64, 4 * (1 + random.nextInt(40)));
        }
        convolution(1, 100, 256, 64);
    }

    private void convolution(int kernel, int size, int inputs, int outputs) {
        Window2d.Axis axis = new Window2d.Axis(size, kernel, size, 1, 1, kernel / 2, kernel / 2);
        float[] factors = new float[outputs];
        Arrays.fill(factors, 1f / (kernel * kernel * inputs));
        int[] numbers = new int[outputs];
        ByteConvWeights.Parameters parameters = new ByteConvWeights.Parameters(numbers, numbers, factors, false);
        ByteConvWeights layout = new ByteConvWeights(1, 3, false, ByteArithmetic.DOTS_512, parameters, null);
        QuantizedConvProblem p = new QuantizedConvProblem(
                new ConvShape(new Window2d(axis, axis), 2, 1, inputs, outputs),
                new QuantizedConvProblem.Bytes(false, 3),
                true,
                1,
                layout,
                false,
                new QuantizedConvProblem.Bytes(false, 5),
                2,
                null);
        Arena arena = Arena.ofAuto();
        Tensor w = Literals.random(DType.INT8, random.nextLong(), outputs, inputs, kernel, kernel);
        MemorySegment packed = arena.allocate(layout.byteSize(w.type()), 64);
        layout.pack(w, packed);
        Tensor x = Literals.random(DType.UINT8, random.nextLong(), 2, size, size, inputs);
        MemorySegment[] operands = {
            arena.allocate(x.byteSize(), 64).copyFrom(x.segment()), packed, arena.allocate(p.outputBytes(), 64)
        };
        run(X64ByteConv.of(p), operands);
        byte[] expected = operands[2].toArray(ValueLayout.JAVA_BYTE);
        operands[2].fill((byte) 0x55);
        run(X64ByteConv.ofTileRegisters(p, rows -> X64ByteConv.vectors(p, rows)), operands);
        assertThat(operands[2].toArray(ValueLayout.JAVA_BYTE))
                .as("seed %d: %s", seed, p)
                .isEqualTo(expected);
    }

    private static void run(Kernel kernel, MemorySegment[] operands) {
        kernel.runAll(operands, Arena.ofAuto().allocate(kernel.scratchBytes(), 64));
    }
}
