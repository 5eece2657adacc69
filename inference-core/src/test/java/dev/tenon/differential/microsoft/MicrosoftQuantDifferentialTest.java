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
import java.util.Map;
import net.jqwik.api.Tag;

/** Quantisation, and functions of quantised elements with quantised results. */
@Tag("tiers")
class MicrosoftQuantDifferentialTest extends Family {
    private static final DType[] QUANTISED = {DType.UINT8, DType.INT8, DType.UINT16, DType.INT16};

    @Override
    public Map<String, Generator> generators() {
        Map<String, Generator> all = Generators.table();
        put(all, "QuantizeLinear", MicrosoftQuantDifferentialTest::quantize);
        put(all, "DequantizeLinear", MicrosoftQuantDifferentialTest::dequantize);
        put(all, "QLinearAdd", MicrosoftQuantDifferentialTest::binary);
        put(all, "QLinearMul", MicrosoftQuantDifferentialTest::binary);
        put(all, "QLinearSigmoid", MicrosoftQuantDifferentialTest::unary);
        put(
                all,
                "QLinearLeakyRelu",
                (draw, name) -> unary(draw, name).attribute("alpha", draw.pick(null, 0.25f, -0.5f, 2f)));
        put(all, "QLinearSoftmax", MicrosoftQuantDifferentialTest::softmax);
        put(all, "QLinearReduceMean", MicrosoftQuantDifferentialTest::mean);
        put(all, "QLinearConcat", MicrosoftQuantDifferentialTest::concat);
        put(all, "QLinearWhere", MicrosoftQuantDifferentialTest::where);
        return all;
    }

    /** One scale for all, or one for each element of an axis. */
    private static long[] granularity(Draw draw, OperatorModel model, long[] dims) {
        if (dims.length == 0 || draw.chance(50)) {
            return new long[0];
        }
        int axis = draw.between(0, dims.length - 1);
        model.attribute("axis", axis == 1 ? draw.pick(null, 1L) : Long.valueOf(axis));
        return new long[] {dims[axis]};
    }

    private static OperatorModel quantize(Draw draw, String name) {
        DType type = draw.pick(QUANTISED);
        long[] dims = draw.fullDims(0, 4);
        OperatorModel model = of(name);
        long[] scales = granularity(draw, model, dims);
        Tensor x =
                draw.chance(30) ? draw.whole(DType.FLOAT32, -400, 400, dims) : draw.real(DType.FLOAT32, -20, 20, dims);
        Tensor zero = draw.whole(type, -5, 7, scales);
        return Generators.operands(
                draw, model, x, scale(draw, scales), type == DType.UINT8 ? unless(draw, 30, zero) : zero);
    }

    private static OperatorModel dequantize(Draw draw, String name) {
        DType type = draw.chance(15) ? DType.INT32 : draw.pick(QUANTISED);
        long[] dims = draw.fullDims(0, 4);
        OperatorModel model = of(name);
        long[] scales = granularity(draw, model, dims);
        Tensor zero = type == DType.INT32 ? null : unless(draw, 30, draw.whole(type, -5, 7, scales));
        return Generators.operands(draw, model, draw.wild(type, dims), scale(draw, scales), zero);
    }

    private static OperatorModel binary(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        long[][] dims = draw.broadcast(2);
        return Generators.operands(
                draw,
                of(name),
                draw.wild(type, dims[0]),
                scale(draw),
                unless(draw, 20, zero(draw, type)),
                draw.wild(type, dims[1]),
                scale(draw),
                unless(draw, 20, zero(draw, type)),
                scale(draw),
                unless(draw, 20, zero(draw, type)));
    }

    private static OperatorModel unary(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        OperatorModel model = of(name);
        Tensor x = draw.wild(type, draw.dims(0, 4));
        Tensor own = unless(draw, 20, zero(draw, type));
        Tensor result = unless(draw, 20, zero(draw, type));
        boolean constant = draw.chance(70);
        model.input(x);
        for (Tensor t : new Tensor[] {scale(draw), own, scale(draw), result}) {
            if (t == null) {
                model.none();
            } else if (constant) {
                model.constant(t);
            } else {
                model.input(t);
            }
        }
        return model;
    }

    private static OperatorModel softmax(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        long[] dims = draw.fullDims(1, 4);
        boolean older = draw.chance(40);
        long axis = draw.axis(dims.length);
        Tensor zero = type == DType.UINT8 ? Tensor.allocate(type) : draw.whole(type, -128, -120);
        OperatorModel model = of(name).input(draw.wild(type, dims)).constant(draw.real(DType.FLOAT32, 0.01, 0.2));
        model.constant(zero(draw, type));
        Tensor scale = draw.chance(70)
                ? Tensor.scalar(draw.pick(1f / 256, 1f / 128, 1f / 64))
                : draw.real(DType.FLOAT32, 0.002, 0.01);
        return model.constant(scale)
                .constant(draw.chance(60) ? zero : zero(draw, type))
                .attribute("axis", draw.chance(20) && !older ? null : Long.valueOf(axis))
                .attribute("opset", older ? draw.pick(11L, 12L) : 13L);
    }

    private static OperatorModel mean(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        long[] dims = draw.fullDims(1, 4);
        int[] some = draw.some(dims.length);
        long[] axes = new long[Math.max(1, some.length)];
        for (int i = 0; i < some.length; i++) {
            axes[i] = draw.chance(30) ? some[i] - dims.length : some[i];
        }
        return of(name).input(draw.wild(type, dims))
                .constant(scale(draw))
                .constant(zero(draw, type))
                .constant(scale(draw))
                .constant(zero(draw, type))
                .attribute("axes", draw.chance(20) ? null : axes)
                .attribute("keepdims", draw.pick(null, 0L, 1L));
    }

    private static OperatorModel concat(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        long[] dims = draw.fullDims(1, 4);
        long axis = draw.axis(dims.length);
        OperatorModel model =
                of(name).constant(scale(draw)).constant(zero(draw, type)).attribute("axis", axis);
        for (int i = draw.between(1, 4); i > 0; i--) {
            long[] part = dims.clone();
            part[(int) Math.floorMod(axis, (long) dims.length)] = draw.between(1, 5);
            model.input(draw.wild(type, part)).constant(scale(draw)).constant(zero(draw, type));
        }
        return model;
    }

    private static OperatorModel where(Draw draw, String name) {
        DType type = draw.pick(Microsoft.BYTES);
        long[][] dims = draw.broadcast(3);
        OperatorModel model = of(name).input(draw.tame(DType.BOOL, dims[0]));
        for (int i = 1; i < 3; i++) {
            model.input(draw.wild(type, dims[i])).constant(scale(draw)).constant(zero(draw, type));
        }
        return model.constant(scale(draw)).constant(zero(draw, type));
    }
}
