package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.Tag;

/** Products of matrices and the like. */
@Tag("tiers")
class LinearDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("MatMul", LinearDifferentialTest::matMul);
        all.put("Gemm", LinearDifferentialTest::gemm);
        all.put("Det", draw -> {
            long n = draw.between(1, 6);
            long[] dims = draw.fullDims(2, 4);
            dims[dims.length - 1] = n;
            dims[dims.length - 2] = n;
            DType type = draw.type(Generators.types("Det", 0));
            return OperatorModel.of("Det")
                    .input(draw.chance(50) ? draw.tame(type, dims) : draw.whole(type, -3, 3, dims));
        });
        return all;
    }

    private static long inner(Draw draw) {
        return draw.chance(20) ? draw.between(30, 150) : draw.size();
    }

    private static OperatorModel matMul(Draw draw) {
        DType type = draw.type(Generators.types("MatMul", 0));
        long k = inner(draw);
        long[] a = {draw.size(), k};
        long[] b = {k, draw.size()};
        if (draw.chance(15)) {
            a = new long[] {k};
        } else if (draw.chance(40)) {
            long[][] batch = batches(draw);
            a = concat(batch[0], a);
            b = concat(batch[1], b);
        }
        if (draw.chance(15)) {
            b = new long[] {k};
        }
        return Generators.operands(draw, OperatorModel.of("MatMul"), draw.summands(type, a), draw.summands(type, b));
    }

    private static long[][] batches(Draw draw) {
        long[] all = {draw.between(1, 3), draw.between(1, 3)};
        return new long[][] {draw.partOf(all), draw.partOf(all)};
    }

    private static long[] concat(long[] a, long[] b) {
        long[] c = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, c, a.length, b.length);
        return c;
    }

    private static OperatorModel gemm(Draw draw) {
        DType type = draw.type(Generators.types("Gemm", 0));
        long m = draw.positive();
        long n = draw.positive();
        long k = Math.max(1, inner(draw));
        boolean turnA = draw.chance(40);
        boolean turnB = draw.chance(40);
        Tensor c = draw.chance(30) ? null : draw.summands(type, draw.partOf(new long[] {m, n}));
        Float alpha = draw.pick(null, null, 0.5f, -2f);
        Float beta = draw.pick(null, null, 2f, 0.25f);
        return Generators.operands(
                        draw,
                        OperatorModel.of("Gemm"),
                        draw.summands(type, turnA ? k : m, turnA ? m : k),
                        draw.summands(type, turnB ? n : k, turnB ? k : n),
                        c)
                .attribute("transA", turnA ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("transB", turnB ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("alpha", type.isFloating() ? alpha : null)
                .attribute("beta", type.isFloating() ? beta : null);
    }
}
