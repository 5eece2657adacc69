package dev.tenon.op.contrib;

import dev.tenon.op.OpList;

/** The operators of this package. */
public final class ContribOps {
    /** The domain that all of them belong to. */
    public static final String DOMAIN = "com.microsoft";

    private ContribOps() {}

    /**
     * Goes through the operators, a line each.
     *
     * @param list who asks
     */
    public static void list(OpList list) {
        if (list.asks(DOMAIN, "Inverse")) list.add(Inverse.SCHEMA, Inverse.class, Inverse::of);
        if (list.asks(DOMAIN, "CropAndResize")) list.add(CropAndResize.SCHEMA, CropAndResize.class, CropAndResize::of);
        if (list.asks(DOMAIN, "DynamicTimeWarping"))
            list.add(DynamicTimeWarping.SCHEMA, DynamicTimeWarping.class, DynamicTimeWarping::of);
        if (list.asks(DOMAIN, "NGramRepeatBlock"))
            list.add(NGramRepeatBlock.SCHEMA, NGramRepeatBlock.class, NGramRepeatBlock::of);
        if (list.asks(DOMAIN, "MurmurHash3")) list.add(MurmurHash3.SCHEMA, MurmurHash3.class, MurmurHash3::of);
        if (list.asks(DOMAIN, "QLinearAveragePool"))
            list.add(QLinearAveragePool.SCHEMA, QLinearAveragePool.class, QLinearAveragePool::of);
    }
}
