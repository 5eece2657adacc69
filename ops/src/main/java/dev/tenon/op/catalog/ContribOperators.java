package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpSet;
import dev.tenon.op.contrib.CropAndResize;
import dev.tenon.op.contrib.DynamicTimeWarping;
import dev.tenon.op.contrib.Inverse;
import dev.tenon.op.contrib.MurmurHash3;
import dev.tenon.op.contrib.NGramRepeatBlock;
import dev.tenon.op.contrib.QLinearAdd;
import dev.tenon.op.contrib.QLinearAveragePool;
import dev.tenon.op.recurrent.DynamicQuantizeLSTM;

/** Operators of the domain {@code com.microsoft} that are not made of others. */
final class ContribOperators {
    private static final OpSet SET = OpSet.lazy(Domains.MICROSOFT, ContribOperators::make);

    private ContribOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpSet make() {
        return OpSet.of(
                op(new Inverse()),
                op(CropAndResize.SCHEMA, CropAndResize.class, CropAndResize::of),
                op(new DynamicTimeWarping()),
                op(NGramRepeatBlock.SCHEMA, NGramRepeatBlock.class, NGramRepeatBlock::of),
                op(MurmurHash3.SCHEMA, MurmurHash3.class, MurmurHash3::of),
                op(new QLinearAdd()),
                op(QLinearAveragePool.SCHEMA, QLinearAveragePool.class, QLinearAveragePool::of),
                op(DynamicQuantizeLSTM.SCHEMA, DynamicQuantizeLSTM.class, DynamicQuantizeLSTM::of));
    }
}
