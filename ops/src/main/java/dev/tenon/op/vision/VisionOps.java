package dev.tenon.op.vision;

import dev.tenon.op.OpSet;

/** The operators of this package. */
public final class VisionOps {
    /** All of them. */
    public static final OpSet SET = OpSet.empty()
            .with(Resize.SCHEMA, Resize.class, Resize::of)
            .with(GridSample.SCHEMA, GridSample.class, GridSample::of)
            .with(AffineGrid.SCHEMA, AffineGrid.class, AffineGrid::of)
            .with(ConvTranspose.SCHEMA, ConvTranspose.class, ConvTranspose::of)
            .with(DeformConv.SCHEMA, DeformConv.class, DeformConv::of)
            .with(LpPool.SCHEMA, LpPool.class, LpPool::of)
            .with(GlobalLpPool.SCHEMA, GlobalLpPool.class, GlobalLpPool::of)
            .with(MaxUnpool.SCHEMA, MaxUnpool.class, MaxUnpool::of)
            .with(MaxRoiPool.SCHEMA, MaxRoiPool.class, MaxRoiPool::of)
            .with(RoiAlign.SCHEMA, RoiAlign.class, RoiAlign::of)
            .with(NonMaxSuppression.SCHEMA, NonMaxSuppression.class, NonMaxSuppression::of)
            .with(CenterCropPad.SCHEMA, CenterCropPad.class, CenterCropPad::of)
            .with(Col2Im.SCHEMA, Col2Im.class, Col2Im::of)
            .with(Det.SCHEMA, Det.class, Det::of)
            .with(ImageDecoder.SCHEMA, ImageDecoder.class, ImageDecoder::of);

    private VisionOps() {}
}
