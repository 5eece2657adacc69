package dev.tenon.op.shape;

import dev.tenon.op.OpSet;

/** The table of the operators that move, select and create data. */
public final class ShapeOps {
    /** All operators of this package. */
    public static final OpSet SET = OpSet.empty()
            .with(Compress.SCHEMA, Compress.class, Compress::of)
            .with(Concat.SCHEMA, Concat.class, Concat::of)
            .with(ConstantOfShape.SCHEMA, ConstantOfShape.class, ConstantOfShape::of)
            .with(CumSum.SCHEMA, CumSum.class, CumSum::of)
            .with(BitCast.SCHEMA, BitCast.class, BitCast::of)
            .with(CumProd.SCHEMA, CumProd.class, CumProd::of)
            .with(Unique.SCHEMA, Unique.class, Unique::of)
            .with(DepthToSpace.SCHEMA, DepthToSpace.class, DepthToSpace::of)
            .with(Expand.SCHEMA, Expand.class, Expand::of)
            .with(EyeLike.SCHEMA, EyeLike.class, EyeLike::of)
            .with(Flatten.SCHEMA, Flatten.class, Flatten::of)
            .with(Gather.SCHEMA, Gather.class, Gather::of)
            .with(GatherElements.SCHEMA, GatherElements.class, GatherElements::of)
            .with(GatherND.SCHEMA, GatherND.class, GatherND::of)
            .with(Identity.SCHEMA, Identity.class, Identity::of)
            .with(NonZero.SCHEMA, NonZero.class, NonZero::of)
            .with(OneHot.SCHEMA, OneHot.class, OneHot::of)
            .with(Pad.SCHEMA, Pad.class, Pad::of)
            .with(Range.SCHEMA, Range.class, Range::of)
            .with(Reshape.SCHEMA, Reshape.class, Reshape::of)
            .with(ReverseSequence.SCHEMA, ReverseSequence.class, ReverseSequence::of)
            .with(ScatterElements.SCHEMA, ScatterElements.class, ScatterElements::of)
            .with(ScatterND.SCHEMA, ScatterND.class, ScatterND::of)
            .with(Shape.SCHEMA, Shape.class, Shape::of)
            .with(Size.SCHEMA, Size.class, Size::of)
            .with(Slice.SCHEMA, Slice.class, Slice::of)
            .with(SpaceToDepth.SCHEMA, SpaceToDepth.class, SpaceToDepth::of)
            .with(Split.SCHEMA, Split.class, Split::of)
            .with(Squeeze.SCHEMA, Squeeze.class, Squeeze::of)
            .with(Tile.SCHEMA, Tile.class, Tile::of)
            .with(TopK.SCHEMA, TopK.class, TopK::of)
            .with(Transpose.SCHEMA, Transpose.class, Transpose::of)
            .with(Trilu.SCHEMA, Trilu.class, Trilu::of)
            .with(Unsqueeze.SCHEMA, Unsqueeze.class, Unsqueeze::of);

    private ShapeOps() {}
}
