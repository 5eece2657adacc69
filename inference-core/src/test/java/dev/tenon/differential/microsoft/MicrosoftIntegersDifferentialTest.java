package dev.tenon.differential.microsoft;

import static dev.tenon.differential.microsoft.Microsoft.of;
import static dev.tenon.differential.microsoft.Microsoft.put;
import static dev.tenon.differential.microsoft.Microsoft.scale;
import static dev.tenon.differential.microsoft.Microsoft.unless;
import static dev.tenon.differential.microsoft.Microsoft.zero;

import dev.tenon.differential.Draw;
import dev.tenon.differential.Family;
import dev.tenon.differential.Generator;
import dev.tenon.differential.Generators;
import dev.tenon.differential.OperatorModel;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Products of 8-bit integers with real results. */
@Tag("tiers")
class MicrosoftIntegersDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "MatMulIntegerToFloat", MicrosoftIntegersDifferentialTest::integers);
        put(all, "DynamicQuantizeMatMul", MicrosoftIntegersDifferentialTest::dynamic);
        put(all, "QGemm", MicrosoftIntegersDifferentialTest::gemm);
        return all;
    }

    private static long inner(Draw draw) {
        return draw.chance(30) ? draw.between(40, 150) : draw.between(1, 40);
    }

    /** The dimensions of a batch of matrices, or of one matrix. */
    private static long[] left(Draw draw, long rows, long columns) {
        return draw.chance(40)
                ? new long[] {draw.between(1, 3), rows, columns}
                : draw.chance(10) ? new long[] {draw.between(1, 2), 2, rows, columns} : new long[] {rows, columns};
    }

    /** As many as there are columns, or one. */
    private static long[] columns(Draw draw, long n) {
        return draw.chance(40) ? new long[] {n} : draw.chance(50) ? new long[] {1} : new long[0];
    }

    private static OperatorModel integers(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        // The peer does not multiply signed by unsigned bytes.
        DType weights = type == DType.INT8 ? type : draw.pick(Microsoft.BYTES);
        long k = inner(draw);
        long n = draw.between(1, 20);
        long[] scales = columns(draw, n);
        long[] a = left(draw, draw.chance(5) ? 0 : draw.between(1, 6), k);
        long[] b = a.length == 3 && draw.chance(20) ? new long[] {a[0], k, n} : new long[] {k, n};
        boolean single = b.length == 3;
        return Generators.operands(
                draw,
                of(name),
                draw.bytes(type, a),
                draw.bytes(weights, b),
                scale(draw),
                scale(draw, single ? new long[0] : scales),
                unless(draw, 40, zero(draw, type)),
                unless(draw, 40, zero(draw, weights, single ? new long[0] : scales)),
                unless(draw, 50, draw.tame(DType.FLOAT32, n)));
    }

    private static OperatorModel dynamic(Draw draw, String name) {
        DType weights = draw.pick(Microsoft.BYTES);
        long k = inner(draw);
        long n = draw.between(1, 20);
        long[] scales = columns(draw, n);
        long[] a = left(draw, draw.between(1, 6), k);
        Tensor x = draw.chance(15) ? draw.real(DType.FLOAT32, 1, 5, a) : draw.tame(DType.FLOAT32, a);
        return Generators.operands(
                draw,
                of(name),
                x,
                draw.bytes(weights, k, n),
                scale(draw, scales),
                unless(draw, 40, zero(draw, weights, scales)),
                unless(draw, 50, draw.tame(DType.FLOAT32, n)));
    }

    private static OperatorModel gemm(Draw draw, String name) {
        DType left = draw.pick(Microsoft.BYTES);
        DType right = left == DType.INT8 ? left : draw.pick(Microsoft.BYTES);
        long m = draw.between(1, 8);
        long n = draw.between(1, 20);
        long k = inner(draw);
        boolean turnA = draw.chance(40);
        boolean turnB = draw.chance(40);
        long[] scales = draw.chance(40) ? new long[] {n} : new long[0];
        boolean quantised = draw.chance(50);
        long[] c = draw.pick(new long[] {n}, new long[] {m, n}, new long[] {1, n}, new long[] {m, 1}, new long[] {1});
        long[] bounded = Arrays.equals(c, new long[] {m, 1}) && m == 1 ? new long[] {n} : c;
        return Generators.operands(
                        draw,
                        of(name),
                        draw.bytes(left, turnA ? k : m, turnA ? m : k),
                        scale(draw),
                        zero(draw, left),
                        draw.bytes(right, turnB ? n : k, turnB ? k : n),
                        scale(draw, scales),
                        zero(draw, right, scales),
                        unless(draw, 40, draw.whole(DType.INT32, -5000, 5000, bounded)),
                        quantised ? draw.real(DType.FLOAT32, 0.5, 200) : null,
                        quantised ? zero(draw, left) : null)
                .attribute("transA", turnA ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("transB", turnB ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("alpha", draw.pick(null, 1f, 0.5f, -2f));
    }
}
