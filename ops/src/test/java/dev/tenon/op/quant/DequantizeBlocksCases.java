package dev.tenon.op.quant;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.BlockRows;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Cases of {@link DequantizeBlocks}. */
public final class DequantizeBlocksCases implements OpCases {
    /** Runs of equal elements: a length, and a value. */
    private static Tensor runs(DType type, long[] dims, double... lengthsAndValues) {
        Tensor t = Tensor.allocate(type, dims);
        int at = 0;
        for (int i = 0; i < lengthsAndValues.length; i += 2) {
            for (int j = 0; j < lengthsAndValues[i]; j++) {
                t.setDouble(at++, lengthsAndValues[i + 1]);
            }
        }
        return t;
    }

    private static OpCase of(BlockFormat format, int fill, int size, double... runs) {
        return OpCase.of(
                        format + " of " + fill,
                        new DequantizeBlocks(format, null),
                        BlockRows.filled(format, 0.5, -3, fill, 1, size))
                .expect(runs(DType.FLOAT32, dims(1, size), runs));
    }

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>(List.of(
                of(BlockFormat.Q4_0, 0x9F, 32, 16, 3.5, 16, 0.5),
                of(BlockFormat.Q4_1, 0x9F, 32, 16, 4.5, 16, 1.5),
                of(BlockFormat.Q5_0, 0xF0, 32, 4, -8, 4, 0, 4, -8, 4, 0, 4, -0.5, 4, 7.5, 4, -0.5, 4, 7.5),
                of(BlockFormat.Q5_1, 0xF0, 32, 4, -3, 4, 5, 4, -3, 4, 5, 4, 4.5, 4, 12.5, 4, 4.5, 4, 12.5),
                of(BlockFormat.Q8_0, 0xFE, 32, 32, -1),
                of(BlockFormat.Q4_K, 0x41, 256, 32, 3.5, 32, 5, 32, 3.5, 32, 5, 32, 68.5, 32, 94, 32, 68.5, 32, 94),
                of(BlockFormat.Q6_K, 0x01, 256, 32, -7.5, 32, -15.5, 32, -16, 32, -16, 32, -7.5, 32, -15.5, 64, -16)));
        for (BlockFormat format : BlockFormat.values()) {
            cases.add(OpCase.of(
                    "stacks of " + format,
                    new DequantizeBlocks(format, DType.FLOAT16),
                    BlockRows.random(new Random(47), format, 6, 512).reshape(2, 3, format.rowBytes(512))));
        }
        cases.add(OpCase.of(
                        "a vector to f16",
                        new DequantizeBlocks(BlockFormat.Q4_0, DType.FLOAT16),
                        BlockRows.filled(BlockFormat.Q4_0, 1, 0, 0x80, 1, 64).reshape(36))
                .expect(runs(DType.FLOAT16, dims(64), 16, -8, 16, 0, 16, -8, 16, 0)));
        cases.add(OpCase.of("no rows", new DequantizeBlocks(BlockFormat.Q6_K, null), ints(DType.UINT8, dims(0, 210)))
                .expect(Tensor.allocate(DType.FLOAT32, 0, 256)));
        cases.add(OpCase.of(
                        "a part of a block",
                        new DequantizeBlocks(BlockFormat.Q4_K, null),
                        Tensor.allocate(DType.UINT8, 2, 145))
                .fails("144 bytes"));
        cases.add(OpCase.of("a scalar", new DequantizeBlocks(BlockFormat.Q4_0, null), ints(DType.UINT8, dims(), 3))
                .fails("rows of bytes"));
        cases.add(OpCase.of("signed bytes", new DequantizeBlocks(BlockFormat.Q4_0, null), ints(DType.INT8, dims(1), 3))
                .fails("u8"));
        return cases;
    }
}
