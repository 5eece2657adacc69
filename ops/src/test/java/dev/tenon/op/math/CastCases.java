package dev.tenon.op.math;

import static dev.tenon.testkit.Literals.dims;
import static dev.tenon.testkit.Literals.f32;
import static dev.tenon.testkit.Literals.i64;
import static dev.tenon.testkit.Literals.ints;
import static dev.tenon.testkit.Literals.reals;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.OpCase;
import dev.tenon.testkit.OpCases;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Cases of {@link Cast}. */
public final class CastCases implements OpCases {
    private static final float INFINITE = Float.POSITIVE_INFINITY;

    @Override
    public List<OpCase> cases() {
        List<OpCase> cases = new ArrayList<>();
        addNumbers(cases);
        addSmallFloats(cases);
        addTexts(cases);
        for (DType from : ElementwiseSamples.types(new Cast(DType.FLOAT32), 0)) {
            for (DType to : ElementwiseSamples.types(new Cast(DType.FLOAT32), 0)) {
                Tensor x = ElementwiseSamples.values(from, 1, 5, 14);
                cases.add(OpCase.of(from.text() + " to " + to.text(), new Cast(to), x));
            }
        }
        for (int n : new int[] {0, 1, 15, 16, 17, 65, 2000}) {
            Tensor x = ElementwiseSamples.values(DType.UINT8, 2, n);
            cases.add(OpCase.of("length " + n, new Cast(DType.FLOAT32), x));
        }
        return cases;
    }

    private static void addNumbers(List<OpCase> cases) {
        Tensor floats = f32(dims(8), 1.9f, -1.9f, 0f, -0f, Float.NaN, 300f, INFINITE, -1e10f);
        cases.add(OpCase.of("floats are truncated", new Cast(DType.INT64), floats)
                .expect(i64(dims(8), 1, -1, 0, 0, 0, 300, Long.MAX_VALUE, -10_000_000_000L)));
        cases.add(OpCase.of("all but 0 is true", new Cast(DType.BOOL), floats)
                .expect(Tensor.of(new boolean[] {true, true, false, false, true, true, true, true})));
        cases.add(OpCase.of("integers lose upper bits", new Cast(DType.UINT8), i64(dims(4), 256, -1, 511, 7))
                .expect(ints(DType.UINT8, dims(4), 0, 255, 255, 7)));
        cases.add(OpCase.of("four bits", new Cast(DType.INT4), i64(dims(5), 7, 8, -8, -9, 17))
                .expect(ints(DType.INT4, dims(5), 7, -8, -8, 7, 1)));
        cases.add(OpCase.of("two bits", new Cast(DType.UINT2), i64(dims(5), 0, 3, 4, -1, 6))
                .expect(ints(DType.UINT2, dims(5), 0, 3, 0, 3, 2)));
        cases.add(OpCase.of("large unsigned", new Cast(DType.FLOAT64), ints(DType.UINT64, dims(2), -1, 1))
                .expect(reals(DType.FLOAT64, dims(2), 0x1p64, 1)));
        cases.add(OpCase.of(
                        "one rounding from long to float",
                        new Cast(DType.FLOAT32),
                        i64(dims(1), (1L << 60) + (1L << 36) + 1))
                .expect(f32(dims(1), 0x1.000002p60f)));
        cases.add(OpCase.of("halves are rounded to even", new Cast(DType.FLOAT16), f32(dims(3), 2049f, 2051f, 70000f))
                .expect(reals(DType.FLOAT16, dims(3), 2048, 2052, INFINITE)));
        cases.add(OpCase.of("booleans", new Cast(DType.INT32), Tensor.of(new boolean[] {true, false}))
                .expect(ints(DType.INT32, dims(2), 1, 0)));
    }

    private static void addSmallFloats(List<OpCase> cases) {
        Tensor x = f32(dims(6), 500f, -INFINITE, 0.3f, Float.NaN, -1e-9f, 17f);
        cases.add(OpCase.of("float8 saturates", new Cast(DType.FLOAT8E4M3FN), x)
                .expect(reals(DType.FLOAT8E4M3FN, dims(6), 448, -448, 0.3125, Double.NaN, 0, 16)));
        cases.add(OpCase.of("float8 without saturation", new Cast(DType.FLOAT8E4M3FN, false, "up"), x)
                .expect(reals(DType.FLOAT8E4M3FN, dims(6), Double.NaN, Double.NaN, 0.3125, Double.NaN, 0, 16)));
        cases.add(OpCase.of(
                        "float8 with infinities",
                        new Cast(DType.FLOAT8E5M2, false, "up"),
                        f32(dims(3), 1e6f, -1e6f, 3.2f))
                .expect(Tensor.of(DType.FLOAT8E5M2, MemorySegment.ofArray(new byte[] {0x7c, (byte) 0xfc, 0x42}), 3)));
        Tensor scales = f32(dims(4), 1f, 1.25f, 1.5f, 3.5f);
        cases.add(OpCase.of("e8m0 up", new Cast(DType.FLOAT8E8M0, true, "up"), scales)
                .expect(reals(DType.FLOAT8E8M0, dims(4), 1, 2, 2, 4)));
        cases.add(OpCase.of("e8m0 down", new Cast(DType.FLOAT8E8M0, true, "down"), scales)
                .expect(reals(DType.FLOAT8E8M0, dims(4), 1, 1, 1, 2)));
        cases.add(OpCase.of("e8m0 nearest", new Cast(DType.FLOAT8E8M0, true, "nearest"), scales)
                .expect(reals(DType.FLOAT8E8M0, dims(4), 1, 1, 2, 4)));
        cases.add(OpCase.of("float4", new Cast(DType.FLOAT4E2M1), f32(dims(5), 0.25f, 0.75f, 2.5f, 100f, -INFINITE))
                .expect(reals(DType.FLOAT4E2M1, dims(5), 0, 1, 2, 6, -6)));
    }

    private static void addTexts(List<OpCase> cases) {
        cases.add(OpCase.of("text to float", new Cast(DType.FLOAT32), Tensor.of(new String[] {
                    "3.14", "1e-5", "+INF", "-inf", "NaN", "1E8", "-0.5"
                }))
                .expect(f32(dims(7), 3.14f, 1e-5f, INFINITE, -INFINITE, Float.NaN, 1e8f, -0.5f)));
        cases.add(OpCase.of("text to integer", new Cast(DType.INT64), Tensor.of(new String[] {
                    "1000", "-9223372036854775808", "100.5", "+7"
                }))
                .expect(i64(dims(4), 1000, Long.MIN_VALUE, 100, 7)));
        cases.add(
                OpCase.of("text to unsigned", new Cast(DType.UINT64), Tensor.of(new String[] {"18446744073709551615"}))
                        .expect(ints(DType.UINT64, dims(1), -1)));
        cases.add(OpCase.of(
                        "floats to text",
                        new Cast(DType.STRING),
                        f32(dims(7), 0.1f, 314.15926f, -2f, 1e-7f, 3e20f, INFINITE, Float.NaN))
                .expect(Tensor.of(new String[] {"0.1", "314.15927", "-2.0", "1e-07", "3e+20", "INF", "NaN"})));
        cases.add(OpCase.of("halves to text", new Cast(DType.STRING), reals(DType.FLOAT16, dims(2), 0.1, 65504))
                .expect(Tensor.of(new String[] {"0.1", "65500.0"})));
        cases.add(OpCase.of("integers to text", new Cast(DType.STRING), i64(dims(2), -5, Long.MAX_VALUE))
                .expect(Tensor.of(new String[] {"-5", "9223372036854775807"})));
        cases.add(OpCase.of("booleans to text", new Cast(DType.STRING), Tensor.of(new boolean[] {true, false}))
                .expect(Tensor.of(new String[] {"True", "False"})));
        for (String bad : new String[] {"Hello World!", "", " 1", "1d", "0x10", "1e", "--1"}) {
            cases.add(OpCase.of("text '" + bad + "'", new Cast(DType.FLOAT32), Tensor.of(new String[] {"1", bad}))
                    .fails("element 1 of the input is '" + bad + "'"));
        }
        cases.add(OpCase.of(
                        "an integer out of range", new Cast(DType.INT64), Tensor.of(new String[] {"9223372036854775808"
                        }))
                .fails("element 0"));
    }
}
