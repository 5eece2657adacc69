package dev.tenon.op.contrib;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.op.Attributes;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.util.List;

/** Cases of {@link MurmurHash3}. */
public final class MurmurHash3Cases implements OpCases {
    @Override
    public List<OpCase> cases() {
        return List.of(
                OpCase.of("int32", new MurmurHash3(0, true), ints(DType.INT32, dims(3), 3, 4, -5))
                        .expect(ints(DType.UINT32, dims(3), 847579505, 1889779975, 1637461840)),
                OpCase.of("seed", new MurmurHash3(42, true), ints(DType.INT32, dims(3), 3, 4, -5))
                        .expect(ints(DType.UINT32, dims(3), 2471885347L, 3897902398L, 1369497261)),
                OpCase.of("uint32", new MurmurHash3(0, true), ints(DType.UINT32, dims(2), 3, 4294967291L))
                        .expect(ints(DType.UINT32, dims(2), 847579505, 1637461840)),
                OpCase.of("int64, signed", new MurmurHash3(42, false), ints(DType.INT64, dims(2), 1, -2))
                        .expect(ints(DType.INT32, dims(2), -1712319331, -981642528)),
                OpCase.of("float32", new MurmurHash3(42, true), f32(dims(1, 1), 1.5f))
                        .expect(ints(DType.UINT32, dims(1, 1), 4073715768L)),
                OpCase.of("float64", new MurmurHash3(0, true), reals(DType.FLOAT64, dims(1), 1.5))
                        .expect(ints(DType.UINT32, dims(1), 4034560987L)),
                OpCase.of(
                                "strings of all lengths",
                                new MurmurHash3(42, true),
                                Tensor.of(new String[] {"", "a", "hello", "na\u00efve"}, 4))
                        .expect(ints(DType.UINT32, dims(4), 142593372, 3001393763L, 3806057185L, 2310162882L)),
                OpCase.of("nothing of nothing", MurmurHash3.of(Attributes.none()), Tensor.of(new String[] {""}, 1))
                        .expect(ints(DType.UINT32, dims(1), 0)),
                OpCase.of("no elements", new MurmurHash3(0, false), ints(DType.INT32, dims(0, 2)))
                        .expect(ints(DType.INT32, dims(0, 2))),
                OpCase.of("float16", new MurmurHash3(0, true), reals(DType.FLOAT16, dims(1), 1))
                        .fails("element type f16"));
    }
}
