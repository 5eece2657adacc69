package dev.tenon.differential;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.util.Map;
import net.jqwik.api.Tag;

/** Fourier transforms, windows, and bands of spectra. */
@Tag("tiers")
class SignalDifferentialTest extends Family {
    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        for (String name : new String[] {"HannWindow", "HammingWindow", "BlackmanWindow"}) {
            all.put(name, draw -> {
                long size = draw.chance(10) ? draw.between(100, 400) : draw.size();
                return Generators.operands(draw, OperatorModel.of(name), index(draw, size))
                        .attribute("periodic", draw.pick(null, 0L, 1L))
                        .attribute("output_datatype", type(draw, name));
            });
        }
        all.put("DFT", SignalDifferentialTest::transform);
        all.put("STFT", SignalDifferentialTest::frames);
        all.put("MelWeightMatrix", SignalDifferentialTest::bands);
        return all;
    }

    /** An integer of one of the types for counts. */
    private static Tensor index(Draw draw, long n) {
        return Tensors.convert(Tensor.scalar(n), draw.pick(DType.INT64, DType.INT32));
    }

    private static Long type(Draw draw, String operator) {
        if (draw.chance(30)) {
            return null;
        }
        String result = operator.equals("MelWeightMatrix") ? "T3" : "T2";
        return (long) Tensors.number(draw.type(
                Generators.OPERATORS.find("", operator).orElseThrow().schema().allowed(result)));
    }

    private static long length(Draw draw) {
        return draw.chance(40) ? draw.pick(2, 4, 8, 16, 32, 37, 64, 100, 128) : draw.positive();
    }

    private static OperatorModel transform(Draw draw) {
        DType type = draw.type(Draw.FLOATS);
        boolean inverse = draw.chance(40);
        boolean half = draw.chance(40);
        long[] dims = draw.fullDims(2, 4);
        int rank = dims.length;
        int axis = draw.between(0, rank - 2);
        dims[axis] = length(draw);
        dims[rank - 1] = half && inverse ? 2 : half ? 1 : draw.between(1, 2);
        boolean given = draw.chance(50) || half && inverse && dims[axis] == 1;
        Tensor at = axis == rank - 2 && draw.chance(40)
                ? null
                : Tensor.scalar((long) (draw.chance(50) ? axis : axis - rank));
        return Generators.operands(
                        draw,
                        OperatorModel.of("DFT"),
                        draw.summands(type, dims),
                        given ? index(draw, length(draw)) : null,
                        at)
                .attribute("inverse", inverse ? Long.valueOf(1) : draw.pick(null, 0L))
                .attribute("onesided", half ? Long.valueOf(1) : draw.pick(null, 0L));
    }

    private static OperatorModel frames(Draw draw) {
        DType type = draw.type(Draw.FLOATS);
        long length = draw.between(1, 80);
        long frame =
                draw.chance(10) ? length : draw.chance(40) ? Long.highestOneBit(length) : draw.longBetween(1, length);
        boolean half = draw.chance(60);
        int width = half ? 1 : draw.between(1, 2);
        Tensor window = draw.chance(60) ? draw.tame(type, frame) : null;
        boolean given = window == null && frame < length || draw.chance(40);
        Tensor step = index(draw, draw.between(1, 20));
        Tensor size = given ? Tensors.convert(Tensor.scalar(frame), step.dtype()) : null;
        return Generators.operands(
                        draw,
                        OperatorModel.of("STFT"),
                        draw.summands(type, draw.between(1, 3), length, width),
                        step,
                        window,
                        size)
                .attribute("onesided", half ? draw.pick(null, 1L) : Long.valueOf(0));
    }

    private static OperatorModel bands(Draw draw) {
        DType whole = draw.pick(DType.INT64, DType.INT32);
        DType real = draw.type(Draw.FLOATS);
        int rate = draw.pick(8000, 16000, 22050, 44100);
        int low = draw.between(0, rate / 8);
        return Generators.operands(
                        draw,
                        OperatorModel.of("MelWeightMatrix"),
                        draw.whole(whole, 1, 30),
                        draw.whole(whole, 16, 600),
                        Tensors.convert(Tensor.scalar((long) rate), whole),
                        Tensors.convert(Tensor.scalar((double) low), real),
                        Tensors.convert(Tensor.scalar((double) draw.between(low, rate / 2)), real))
                .attribute("output_datatype", type(draw, "MelWeightMatrix"));
    }
}
