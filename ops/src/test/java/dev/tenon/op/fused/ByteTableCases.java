package dev.tenon.op.fused;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.ints;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link ByteTable}. */
public final class ByteTableCases implements OpCases {
    /** 255 less the index, or 127 less it. */
    private static Tensor reversed(DType type) {
        Tensor table = Tensor.allocate(type, ByteTable.SIZE);
        for (long i = 0; i < table.size(); i++) {
            table.setLong(i, type.maxInteger() - i);
        }
        return table;
    }

    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of(
                                "unsigned",
                                new ByteTable(),
                                ints(DType.UINT8, dims(2, 2), 0, 1, 128, 255),
                                reversed(DType.UINT8))
                        .expect(ints(DType.UINT8, dims(2, 2), 255, 254, 127, 0)),
                OpCase.of("signed", new ByteTable(), ints(DType.INT8, dims(4), 0, 127, -128, -1), reversed(DType.INT8))
                        .expect(ints(DType.INT8, dims(4), 127, 0, -1, -128)),
                OpCase.of("of two types", new ByteTable(), ints(DType.INT8, dims(), -2), reversed(DType.UINT8))
                        .expect(ints(DType.UINT8, dims(), 1)),
                OpCase.of("nothing", new ByteTable(), ints(DType.UINT8, dims(0)), reversed(DType.INT8))
                        .expect(ints(DType.INT8, dims(0))));
    }
}
