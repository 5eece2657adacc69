package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Losses, and operators of the peer's own domain. */
@Tag("tiers")
class LossDifferentialTest extends Family {
    private static final String DOMAIN = "com.microsoft";
    private static final String[] TEXTS = {"", "a b", " a  b ", "a,b,,c", "a--b-c", ",", "one two three four", "π b"};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        all.put("NegativeLogLikelihoodLoss", draw -> loss(draw, "NegativeLogLikelihoodLoss"));
        all.put(
                "SoftmaxCrossEntropyLoss",
                draw -> loss(draw, "SoftmaxCrossEntropyLoss").outputs(draw.between(1, 2)));
        all.put("com.microsoft.NGramRepeatBlock", draw -> {
            long batch = draw.between(1, 3);
            return OperatorModel.of(DOMAIN, "NGramRepeatBlock")
                    .input(draw.whole(DType.INT64, 0, 3, batch, draw.between(1, 12)))
                    .input(draw.tame(DType.FLOAT32, batch, draw.between(4, 9)))
                    .attribute("ngram_size", draw.between(1, 4));
        });
        all.put(
                "com.microsoft.MurmurHash3",
                draw -> OperatorModel.of(DOMAIN, "MurmurHash3")
                        .input(draw.tensor(
                                draw.pick(
                                        DType.INT32,
                                        DType.UINT32,
                                        DType.INT64,
                                        DType.UINT64,
                                        DType.FLOAT32,
                                        DType.FLOAT64,
                                        DType.STRING),
                                draw.fullDims(1, 3)))
                        .attribute("seed", draw.pick(null, 0L, 42L))
                        .attribute("positive", draw.pick(null, 0L, 1L)));
        all.put("com.microsoft.Inverse", LossDifferentialTest::inverse);
        all.put("StringSplit", draw -> {
            Tensor x = Tensor.allocate(DType.STRING, draw.fullDims(1, 3));
            for (long i = 0; i < x.size(); i++) {
                x.setString(i, draw.pick(TEXTS));
            }
            return OperatorModel.of("StringSplit")
                    .input(x)
                    .outputs(2)
                    .attribute("delimiter", draw.pick(null, "", ",", "--", " ", "-"))
                    .attribute("maxsplit", draw.pick(null, 1L, 2L, 9L));
        });
        return all;
    }

    private static OperatorModel loss(Draw draw, String name) {
        DType type = draw.type(Generators.types(name, 0));
        long[] dims = draw.fullDims(2, 4);
        long classes = dims[1];
        long[] samples = new long[dims.length - 1];
        samples[0] = dims[0];
        System.arraycopy(dims, 2, samples, 1, dims.length - 2);
        Tensor target = draw.whole(draw.pick(DType.INT32, DType.INT64), 0, classes - 1, samples);
        Long ignored = draw.pick(null, null, 0L, -1L);
        if (Long.valueOf(-1).equals(ignored)) {
            target.setLong(target.size() / 2, -1);
        }
        return Generators.operands(
                        draw,
                        OperatorModel.of(name),
                        draw.tame(type, dims),
                        target,
                        draw.chance(50) ? null : draw.real(type, 0.1, 2, classes))
                .attribute("reduction", draw.pick(null, "mean", "sum", "none"))
                .attribute("ignore_index", ignored);
    }

    /** Matrices with a strong diagonal. */
    private static OperatorModel inverse(Draw draw) {
        DType type = draw.pick(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16);
        long n = draw.between(1, 7);
        long[] dims = draw.fullDims(2, 4);
        dims[dims.length - 1] = n;
        dims[dims.length - 2] = n;
        Tensor x = draw.real(type, -1, 1, dims);
        for (long i = 0; i < x.size(); i++) {
            if (i % n == i / n % n) {
                x.setDouble(i, x.getDouble(i) + 2 * n);
            }
        }
        return OperatorModel.of(DOMAIN, "Inverse").input(x);
    }
}
