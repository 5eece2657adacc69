package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
import dev.tenon.op.OpSet;
import dev.tenon.op.vision.AffineGrid;
import dev.tenon.op.vision.CenterCropPad;
import dev.tenon.op.vision.Col2Im;
import dev.tenon.op.vision.ConvTranspose;
import dev.tenon.op.vision.DeformConv;
import dev.tenon.op.vision.Det;
import dev.tenon.op.vision.GlobalLpPool;
import dev.tenon.op.vision.GridSample;
import dev.tenon.op.vision.ImageDecoder;
import dev.tenon.op.vision.LpPool;
import dev.tenon.op.vision.MaxRoiPool;
import dev.tenon.op.vision.MaxUnpool;
import dev.tenon.op.vision.NonMaxSuppression;
import dev.tenon.op.vision.Resize;
import dev.tenon.op.vision.RoiAlign;

/** Operators on images and planes. */
final class VisionOperators {
    private static final OpSet SET = OpSet.byName(
            Domains.MAIN,
            VisionOperators::make,
            "Resize",
            "GridSample",
            "AffineGrid",
            "ConvTranspose",
            "DeformConv",
            "LpPool",
            "GlobalLpPool",
            "MaxUnpool",
            "MaxRoiPool",
            "RoiAlign",
            "NonMaxSuppression",
            "CenterCropPad",
            "Col2Im",
            "Det",
            "ImageDecoder");

    private VisionOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "Resize" -> op(Resize.SCHEMA, Resize.class, Resize::of);
            case "GridSample" -> op(GridSample.SCHEMA, GridSample.class, GridSample::of);
            case "AffineGrid" -> op(AffineGrid.SCHEMA, AffineGrid.class, AffineGrid::of);
            case "ConvTranspose" -> op(ConvTranspose.SCHEMA, ConvTranspose.class, ConvTranspose::of);
            case "DeformConv" -> op(DeformConv.SCHEMA, DeformConv.class, DeformConv::of);
            case "LpPool" -> op(LpPool.SCHEMA, LpPool.class, LpPool::of);
            case "GlobalLpPool" -> op(GlobalLpPool.SCHEMA, GlobalLpPool.class, GlobalLpPool::of);
            case "MaxUnpool" -> op(MaxUnpool.SCHEMA, MaxUnpool.class, MaxUnpool::of);
            case "MaxRoiPool" -> op(MaxRoiPool.SCHEMA, MaxRoiPool.class, MaxRoiPool::of);
            case "RoiAlign" -> op(RoiAlign.SCHEMA, RoiAlign.class, RoiAlign::of);
            case "NonMaxSuppression" -> op(NonMaxSuppression.SCHEMA, NonMaxSuppression.class, NonMaxSuppression::of);
            case "CenterCropPad" -> op(CenterCropPad.SCHEMA, CenterCropPad.class, CenterCropPad::of);
            case "Col2Im" -> op(Col2Im.SCHEMA, Col2Im.class, Col2Im::of);
            case "Det" -> op(new Det());
            case "ImageDecoder" -> op(ImageDecoder.SCHEMA, ImageDecoder.class, ImageDecoder::of);
            default -> null;
        };
    }
}
