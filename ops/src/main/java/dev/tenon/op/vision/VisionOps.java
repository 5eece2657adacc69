package dev.tenon.op.vision;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class VisionOps {
    private VisionOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks("Resize")) list.add(Resize.SCHEMA, Resize.class, Resize::of);
        if (list.asks("GridSample")) list.add(GridSample.SCHEMA, GridSample.class, GridSample::of);
        if (list.asks("AffineGrid")) list.add(AffineGrid.SCHEMA, AffineGrid.class, AffineGrid::of);
        if (list.asks("ConvTranspose")) list.add(ConvTranspose.SCHEMA, ConvTranspose.class, ConvTranspose::of);
        if (list.asks("DeformConv")) list.add(DeformConv.SCHEMA, DeformConv.class, DeformConv::of);
        if (list.asks("LpPool")) list.add(LpPool.SCHEMA, LpPool.class, LpPool::of);
        if (list.asks("GlobalLpPool")) list.add(GlobalLpPool.SCHEMA, GlobalLpPool.class, GlobalLpPool::of);
        if (list.asks("MaxUnpool")) list.add(MaxUnpool.SCHEMA, MaxUnpool.class, MaxUnpool::of);
        if (list.asks("MaxRoiPool")) list.add(MaxRoiPool.SCHEMA, MaxRoiPool.class, MaxRoiPool::of);
        if (list.asks("RoiAlign")) list.add(RoiAlign.SCHEMA, RoiAlign.class, RoiAlign::of);
        if (list.asks("NonMaxSuppression"))
            list.add(NonMaxSuppression.SCHEMA, NonMaxSuppression.class, NonMaxSuppression::of);
        if (list.asks("CenterCropPad")) list.add(CenterCropPad.SCHEMA, CenterCropPad.class, CenterCropPad::of);
        if (list.asks("Col2Im")) list.add(Col2Im.SCHEMA, Col2Im.class, Col2Im::of);
        if (list.asks("Det")) list.add(Det.SCHEMA, Det.class, Det::of);
        if (list.asks("ImageDecoder")) list.add(ImageDecoder.SCHEMA, ImageDecoder.class, ImageDecoder::of);
    }
}
