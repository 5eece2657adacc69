package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.shape.BitCast;
import dev.tenon.op.shape.Compress;
import dev.tenon.op.shape.Concat;
import dev.tenon.op.shape.ConstantOfShape;
import dev.tenon.op.shape.CumProd;
import dev.tenon.op.shape.CumSum;
import dev.tenon.op.shape.DepthToSpace;
import dev.tenon.op.shape.Expand;
import dev.tenon.op.shape.EyeLike;
import dev.tenon.op.shape.Flatten;
import dev.tenon.op.shape.Gather;
import dev.tenon.op.shape.GatherElements;
import dev.tenon.op.shape.GatherND;
import dev.tenon.op.shape.Identity;
import dev.tenon.op.shape.NonZero;
import dev.tenon.op.shape.OneHot;
import dev.tenon.op.shape.Pad;
import dev.tenon.op.shape.Range;
import dev.tenon.op.shape.Reshape;
import dev.tenon.op.shape.ReverseSequence;
import dev.tenon.op.shape.ScatterElements;
import dev.tenon.op.shape.ScatterND;
import dev.tenon.op.shape.Shape;
import dev.tenon.op.shape.Size;
import dev.tenon.op.shape.Slice;
import dev.tenon.op.shape.SpaceToDepth;
import dev.tenon.op.shape.Split;
import dev.tenon.op.shape.Squeeze;
import dev.tenon.op.shape.Tile;
import dev.tenon.op.shape.TopK;
import dev.tenon.op.shape.Transpose;
import dev.tenon.op.shape.Trilu;
import dev.tenon.op.shape.Unique;
import dev.tenon.op.shape.Unsqueeze;

/** Operators that move, select and create data. */
final class ShapeOperators {
    private static final OpSet COMMON = OpSet.lazy(Domains.MAIN, ShapeOperators::makeCommon);
    private static final OpSet OTHERS = OpSet.lazy(Domains.MAIN, ShapeOperators::makeOthers);

    private ShapeOperators() {}

    /** Those that most models have. */
    static OpSet common() {
        return COMMON;
    }

    /** All others. */
    static OpSet others() {
        return OTHERS;
    }

    private static OpSet makeCommon() {
        return OpSet.of(
                op(Concat.SCHEMA, Concat.class, Concat::of),
                op(ConstantOfShape.SCHEMA, ConstantOfShape.class, ConstantOfShape::of),
                op(new Expand()),
                op(Flatten.SCHEMA, Flatten.class, Flatten::of),
                op(Gather.SCHEMA, Gather.class, Gather::of),
                op(new Identity()),
                op(Pad.SCHEMA, Pad.class, Pad::of),
                op(Reshape.SCHEMA, Reshape.class, Reshape::of),
                op(Shape.SCHEMA, Shape.class, Shape::of),
                op(new Slice()),
                op(Split.SCHEMA, Split.class, Split::of),
                op(new Squeeze()),
                op(Transpose.SCHEMA, Transpose.class, Transpose::of),
                op(new Unsqueeze()));
    }

    private static OpSet makeOthers() {
        return OpSet.of(
                op(Compress.SCHEMA, Compress.class, Compress::of),
                op(CumSum.SCHEMA, CumSum.class, CumSum::of),
                op(BitCast.SCHEMA, BitCast.class, BitCast::of),
                op(CumProd.SCHEMA, CumProd.class, CumProd::of),
                op(Unique.SCHEMA, Unique.class, Unique::of),
                op(DepthToSpace.SCHEMA, DepthToSpace.class, DepthToSpace::of),
                op(EyeLike.SCHEMA, EyeLike.class, EyeLike::of),
                op(GatherElements.SCHEMA, GatherElements.class, GatherElements::of),
                op(GatherND.SCHEMA, GatherND.class, GatherND::of),
                op(new NonZero()),
                op(OneHot.SCHEMA, OneHot.class, OneHot::of),
                op(new Range()),
                op(ReverseSequence.SCHEMA, ReverseSequence.class, ReverseSequence::of),
                op(ScatterElements.SCHEMA, ScatterElements.class, ScatterElements::of),
                op(ScatterND.SCHEMA, ScatterND.class, ScatterND::of),
                op(new Size()),
                op(SpaceToDepth.SCHEMA, SpaceToDepth.class, SpaceToDepth::of),
                op(new Tile()),
                op(TopK.SCHEMA, TopK.class, TopK::of),
                op(Trilu.SCHEMA, Trilu.class, Trilu::of));
    }
}
