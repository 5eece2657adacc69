package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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
    private static final OpSet COMMON = OpSet.byName(
            Domains.MAIN,
            ShapeOperators::makeCommon,
            "Concat",
            "ConstantOfShape",
            "Expand",
            "Flatten",
            "Gather",
            "Identity",
            "Pad",
            "Reshape",
            "Shape",
            "Slice",
            "Split",
            "Squeeze",
            "Transpose",
            "Unsqueeze");
    private static final OpSet OTHERS = OpSet.byName(
            Domains.MAIN,
            ShapeOperators::makeOthers,
            "Compress",
            "CumSum",
            "BitCast",
            "CumProd",
            "Unique",
            "DepthToSpace",
            "EyeLike",
            "GatherElements",
            "GatherND",
            "NonZero",
            "OneHot",
            "Range",
            "ReverseSequence",
            "ScatterElements",
            "ScatterND",
            "Size",
            "SpaceToDepth",
            "Tile",
            "TopK",
            "Trilu");

    private ShapeOperators() {}

    /** Those that most models have. */
    static OpSet common() {
        return COMMON;
    }

    /** All others. */
    static OpSet others() {
        return OTHERS;
    }

    private static OpDefinition<?> makeCommon(String name) {
        return switch (name) {
            case "Concat" -> op(Concat.SCHEMA, Concat.class, Concat::of);
            case "ConstantOfShape" -> op(ConstantOfShape.SCHEMA, ConstantOfShape.class, ConstantOfShape::of);
            case "Expand" -> op(new Expand());
            case "Flatten" -> op(Flatten.SCHEMA, Flatten.class, Flatten::of);
            case "Gather" -> op(Gather.SCHEMA, Gather.class, Gather::of);
            case "Identity" -> op(new Identity());
            case "Pad" -> op(Pad.SCHEMA, Pad.class, Pad::of);
            case "Reshape" -> op(Reshape.SCHEMA, Reshape.class, Reshape::of);
            case "Shape" -> op(Shape.SCHEMA, Shape.class, Shape::of);
            case "Slice" -> op(new Slice());
            case "Split" -> op(Split.SCHEMA, Split.class, Split::of);
            case "Squeeze" -> op(new Squeeze());
            case "Transpose" -> op(Transpose.SCHEMA, Transpose.class, Transpose::of);
            case "Unsqueeze" -> op(new Unsqueeze());
            default -> null;
        };
    }

    private static OpDefinition<?> makeOthers(String name) {
        return switch (name) {
            case "Compress" -> op(Compress.SCHEMA, Compress.class, Compress::of);
            case "CumSum" -> op(CumSum.SCHEMA, CumSum.class, CumSum::of);
            case "BitCast" -> op(BitCast.SCHEMA, BitCast.class, BitCast::of);
            case "CumProd" -> op(CumProd.SCHEMA, CumProd.class, CumProd::of);
            case "Unique" -> op(Unique.SCHEMA, Unique.class, Unique::of);
            case "DepthToSpace" -> op(DepthToSpace.SCHEMA, DepthToSpace.class, DepthToSpace::of);
            case "EyeLike" -> op(EyeLike.SCHEMA, EyeLike.class, EyeLike::of);
            case "GatherElements" -> op(GatherElements.SCHEMA, GatherElements.class, GatherElements::of);
            case "GatherND" -> op(GatherND.SCHEMA, GatherND.class, GatherND::of);
            case "NonZero" -> op(new NonZero());
            case "OneHot" -> op(OneHot.SCHEMA, OneHot.class, OneHot::of);
            case "Range" -> op(new Range());
            case "ReverseSequence" -> op(ReverseSequence.SCHEMA, ReverseSequence.class, ReverseSequence::of);
            case "ScatterElements" -> op(ScatterElements.SCHEMA, ScatterElements.class, ScatterElements::of);
            case "ScatterND" -> op(ScatterND.SCHEMA, ScatterND.class, ScatterND::of);
            case "Size" -> op(new Size());
            case "SpaceToDepth" -> op(SpaceToDepth.SCHEMA, SpaceToDepth.class, SpaceToDepth::of);
            case "Tile" -> op(new Tile());
            case "TopK" -> op(TopK.SCHEMA, TopK.class, TopK::of);
            case "Trilu" -> op(Trilu.SCHEMA, Trilu.class, Trilu::of);
            default -> null;
        };
    }
}
