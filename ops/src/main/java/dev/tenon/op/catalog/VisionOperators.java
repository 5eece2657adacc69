package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
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
    private static final OpSet SET = OpSet.lazy(Domains.MAIN, VisionOperators::make);

    private VisionOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(Resize.SCHEMA, Resize.class, Resize::of),
                op(GridSample.SCHEMA, GridSample.class, GridSample::of),
                op(AffineGrid.SCHEMA, AffineGrid.class, AffineGrid::of),
                op(ConvTranspose.SCHEMA, ConvTranspose.class, ConvTranspose::of),
                op(DeformConv.SCHEMA, DeformConv.class, DeformConv::of),
                op(LpPool.SCHEMA, LpPool.class, LpPool::of),
                op(GlobalLpPool.SCHEMA, GlobalLpPool.class, GlobalLpPool::of),
                op(MaxUnpool.SCHEMA, MaxUnpool.class, MaxUnpool::of),
                op(MaxRoiPool.SCHEMA, MaxRoiPool.class, MaxRoiPool::of),
                op(RoiAlign.SCHEMA, RoiAlign.class, RoiAlign::of),
                op(NonMaxSuppression.SCHEMA, NonMaxSuppression.class, NonMaxSuppression::of),
                op(CenterCropPad.SCHEMA, CenterCropPad.class, CenterCropPad::of),
                op(Col2Im.SCHEMA, Col2Im.class, Col2Im::of),
                op(new Det()),
                op(ImageDecoder.SCHEMA, ImageDecoder.class, ImageDecoder::of));
    }
}
