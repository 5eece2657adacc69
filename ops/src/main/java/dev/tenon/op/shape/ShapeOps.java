package dev.tenon.op.shape;

import dev.tenon.op.OpList;

/** The table of the operators that move, select and create data. */
public final class ShapeOps {
    private ShapeOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("Compress")) list.add(Compress.SCHEMA, Compress.class, Compress::of);
        if (list.asks("Concat")) list.add(Concat.SCHEMA, Concat.class, Concat::of);
        if (list.asks("ConstantOfShape")) list.add(ConstantOfShape.SCHEMA, ConstantOfShape.class, ConstantOfShape::of);
        if (list.asks("CumSum")) list.add(CumSum.SCHEMA, CumSum.class, CumSum::of);
        if (list.asks("BitCast")) list.add(BitCast.SCHEMA, BitCast.class, BitCast::of);
        if (list.asks("CumProd")) list.add(CumProd.SCHEMA, CumProd.class, CumProd::of);
        if (list.asks("Unique")) list.add(Unique.SCHEMA, Unique.class, Unique::of);
        if (list.asks("DepthToSpace")) list.add(DepthToSpace.SCHEMA, DepthToSpace.class, DepthToSpace::of);
        if (list.asks("Expand")) list.add(Expand.SCHEMA, Expand.class, Expand::of);
        if (list.asks("EyeLike")) list.add(EyeLike.SCHEMA, EyeLike.class, EyeLike::of);
        if (list.asks("Flatten")) list.add(Flatten.SCHEMA, Flatten.class, Flatten::of);
        if (list.asks("Gather")) list.add(Gather.SCHEMA, Gather.class, Gather::of);
        if (list.asks("GatherElements")) list.add(GatherElements.SCHEMA, GatherElements.class, GatherElements::of);
        if (list.asks("GatherND")) list.add(GatherND.SCHEMA, GatherND.class, GatherND::of);
        if (list.asks("Identity")) list.add(Identity.SCHEMA, Identity.class, Identity::of);
        if (list.asks("NonZero")) list.add(NonZero.SCHEMA, NonZero.class, NonZero::of);
        if (list.asks("OneHot")) list.add(OneHot.SCHEMA, OneHot.class, OneHot::of);
        if (list.asks("Pad")) list.add(Pad.SCHEMA, Pad.class, Pad::of);
        if (list.asks("Range")) list.add(Range.SCHEMA, Range.class, Range::of);
        if (list.asks("Reshape")) list.add(Reshape.SCHEMA, Reshape.class, Reshape::of);
        if (list.asks("ReverseSequence")) list.add(ReverseSequence.SCHEMA, ReverseSequence.class, ReverseSequence::of);
        if (list.asks("ScatterElements")) list.add(ScatterElements.SCHEMA, ScatterElements.class, ScatterElements::of);
        if (list.asks("ScatterND")) list.add(ScatterND.SCHEMA, ScatterND.class, ScatterND::of);
        if (list.asks("Shape")) list.add(Shape.SCHEMA, Shape.class, Shape::of);
        if (list.asks("Size")) list.add(Size.SCHEMA, Size.class, Size::of);
        if (list.asks("Slice")) list.add(Slice.SCHEMA, Slice.class, Slice::of);
        if (list.asks("SpaceToDepth")) list.add(SpaceToDepth.SCHEMA, SpaceToDepth.class, SpaceToDepth::of);
        if (list.asks("Split")) list.add(Split.SCHEMA, Split.class, Split::of);
        if (list.asks("Squeeze")) list.add(Squeeze.SCHEMA, Squeeze.class, Squeeze::of);
        if (list.asks("Tile")) list.add(Tile.SCHEMA, Tile.class, Tile::of);
        if (list.asks("TopK")) list.add(TopK.SCHEMA, TopK.class, TopK::of);
        if (list.asks("Transpose")) list.add(Transpose.SCHEMA, Transpose.class, Transpose::of);
        if (list.asks("Trilu")) list.add(Trilu.SCHEMA, Trilu.class, Trilu::of);
        if (list.asks("Unsqueeze")) list.add(Unsqueeze.SCHEMA, Unsqueeze.class, Unsqueeze::of);
    }
}
