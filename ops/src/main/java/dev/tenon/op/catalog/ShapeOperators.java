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
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, ShapeOperators::make);

    private ShapeOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(Compress.SCHEMA, Compress.class, Compress::of),
                op(Concat.SCHEMA, Concat.class, Concat::of),
                op(ConstantOfShape.SCHEMA, ConstantOfShape.class, ConstantOfShape::of),
                op(CumSum.SCHEMA, CumSum.class, CumSum::of),
                op(BitCast.SCHEMA, BitCast.class, BitCast::of),
                op(CumProd.SCHEMA, CumProd.class, CumProd::of),
                op(Unique.SCHEMA, Unique.class, Unique::of),
                op(DepthToSpace.SCHEMA, DepthToSpace.class, DepthToSpace::of),
                op(new Expand()),
                op(EyeLike.SCHEMA, EyeLike.class, EyeLike::of),
                op(Flatten.SCHEMA, Flatten.class, Flatten::of),
                op(Gather.SCHEMA, Gather.class, Gather::of),
                op(GatherElements.SCHEMA, GatherElements.class, GatherElements::of),
                op(GatherND.SCHEMA, GatherND.class, GatherND::of),
                op(new Identity()),
                op(new NonZero()),
                op(OneHot.SCHEMA, OneHot.class, OneHot::of),
                op(Pad.SCHEMA, Pad.class, Pad::of),
                op(new Range()),
                op(Reshape.SCHEMA, Reshape.class, Reshape::of),
                op(ReverseSequence.SCHEMA, ReverseSequence.class, ReverseSequence::of),
                op(ScatterElements.SCHEMA, ScatterElements.class, ScatterElements::of),
                op(ScatterND.SCHEMA, ScatterND.class, ScatterND::of),
                op(Shape.SCHEMA, Shape.class, Shape::of),
                op(new Size()),
                op(new Slice()),
                op(SpaceToDepth.SCHEMA, SpaceToDepth.class, SpaceToDepth::of),
                op(Split.SCHEMA, Split.class, Split::of),
                op(new Squeeze()),
                op(new Tile()),
                op(TopK.SCHEMA, TopK.class, TopK::of),
                op(Transpose.SCHEMA, Transpose.class, Transpose::of),
                op(Trilu.SCHEMA, Trilu.class, Trilu::of),
                op(new Unsqueeze()));
    }
}
