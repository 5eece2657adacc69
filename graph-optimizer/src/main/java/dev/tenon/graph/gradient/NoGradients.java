package dev.tenon.graph.gradient;

import dev.tenon.graph.control.If;
import dev.tenon.graph.control.Loop;
import dev.tenon.graph.control.Scan;
import dev.tenon.graph.control.SequenceMap;
import dev.tenon.op.attention.CausalConvWithState;
import dev.tenon.op.attention.LinearAttention;
import dev.tenon.op.attention.PagedAttention;
import dev.tenon.op.attention.TensorScatter;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.math.And;
import dev.tenon.op.math.BitShift;
import dev.tenon.op.math.BitwiseAnd;
import dev.tenon.op.math.BitwiseNot;
import dev.tenon.op.math.BitwiseOr;
import dev.tenon.op.math.BitwiseXor;
import dev.tenon.op.math.Ceil;
import dev.tenon.op.math.Equal;
import dev.tenon.op.math.Floor;
import dev.tenon.op.math.Greater;
import dev.tenon.op.math.GreaterOrEqual;
import dev.tenon.op.math.IsInf;
import dev.tenon.op.math.IsNaN;
import dev.tenon.op.math.Less;
import dev.tenon.op.math.LessOrEqual;
import dev.tenon.op.math.Not;
import dev.tenon.op.math.Or;
import dev.tenon.op.math.Round;
import dev.tenon.op.math.Sign;
import dev.tenon.op.math.Xor;
import dev.tenon.op.nn.Einsum;
import dev.tenon.op.nn.Hardmax;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.op.quant.ConvInteger;
import dev.tenon.op.quant.DequantizeBlocks;
import dev.tenon.op.quant.DynamicQuantizeLinear;
import dev.tenon.op.quant.MatMulInteger;
import dev.tenon.op.quant.QLinearConv;
import dev.tenon.op.quant.QLinearMatMul;
import dev.tenon.op.random.RandomNormal;
import dev.tenon.op.random.RandomNormalLike;
import dev.tenon.op.random.RandomUniform;
import dev.tenon.op.random.RandomUniformLike;
import dev.tenon.op.reduce.ArgMax;
import dev.tenon.op.reduce.ArgMin;
import dev.tenon.op.shape.BitCast;
import dev.tenon.op.shape.Compress;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.CumProd;
import dev.tenon.op.shape.EyeLike;
import dev.tenon.op.shape.NonZero;
import dev.tenon.op.shape.OneHot;
import dev.tenon.op.shape.Range;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Size;
import dev.tenon.op.shape.Unique;
import dev.tenon.op.vision.NonMaxSuppression;

/** Operators without a rule, with the reasons. */
final class NoGradients {
    private NoGradients() {}

    static void addTo(GradientTable t) {
        t.constant("a step function: its derivative is 0 where it exists", Floor.class, Ceil.class, Round.class);
        t.constant("a step function: its derivative is 0 where it exists", Sign.class, Hardmax.class);
        t.constant("gives truth values", And.class, Or.class, Xor.class, Not.class, IsNaN.class, IsInf.class);
        t.constant("gives truth values", Equal.class, Greater.class, Less.class);
        t.constant("gives truth values", GreaterOrEqual.class, LessOrEqual.class);
        t.constant("computes with bits of whole numbers", BitwiseNot.class, BitwiseAnd.class, BitwiseOr.class);
        t.constant("computes with bits of whole numbers", BitwiseXor.class, BitShift.class);
        t.constant("gives indices", ArgMax.class, ArgMin.class, NonZero.class, NonMaxSuppression.class);
        t.constant("depends on dimensions only", Shape.class, Size.class, ConstantOfShape.class, EyeLike.class);
        t.constant("depends on dimensions and chance only", RandomNormal.class, RandomNormalLike.class);
        t.constant("depends on dimensions and chance only", RandomUniform.class, RandomUniformLike.class);
        addMissing(t);
    }

    private static void addMissing(GradientTable t) {
        t.missing("its bodies are not differentiated", If.class, Loop.class, Scan.class, SequenceMap.class);
        t.missing("the graph is lowered; differentiate it before that", Fused.class);
        t.missing("it is not written as matrix products", Einsum.class);
        t.missing("its weights are blocks of integers", BlockMatMul.class, DequantizeBlocks.class);
        t.missing(
                "its attention keeps a state",
                LinearAttention.class,
                CausalConvWithState.class,
                PagedAttention.class,
                TensorScatter.class);
        t.missing("its results depend on values in their number", Compress.class, Unique.class);
        t.missing("it reads the bits of numbers", BitCast.class);
        t.missing("there is no rule for this operator", CumProd.class, OneHot.class, Range.class);
        t.missing(
                "it computes with whole numbers; train with QuantizeLinear and DequantizeLinear",
                MatMulInteger.class,
                ConvInteger.class,
                QLinearMatMul.class,
                QLinearConv.class,
                DynamicQuantizeLinear.class);
        t.missing("its steps are not unrolled", "dev.tenon.op.recurrent");
        t.missing("it draws at random", "dev.tenon.op.random");
        t.missing("it works on sequences", "dev.tenon.op.sequence");
        t.missing("it prepares sound", "dev.tenon.op.signal");
        t.missing("it prepares texts", "dev.tenon.op.text");
        t.missing("it is a model of tables, trained by other means", "dev.tenon.op.tabular");
        t.missing("it belongs to an extension of the standard and has no rule", "dev.tenon.op.contrib");
        t.missing("it chooses or samples parts of images and has no rule", "dev.tenon.op.vision");
    }
}
