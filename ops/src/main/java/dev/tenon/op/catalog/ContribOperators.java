package dev.tenon.op.catalog;

import static dev.tenon.op.OpDefinition.op;

import dev.tenon.op.Domains;
import dev.tenon.op.OpDefinition;
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
    private static final OpSet SET = OpSet.byName(
            Domains.MICROSOFT,
            ContribOperators::make,
            "Inverse",
            "CropAndResize",
            "DynamicTimeWarping",
            "NGramRepeatBlock",
            "MurmurHash3",
            "QLinearAdd",
            "QLinearAveragePool",
            "DynamicQuantizeLSTM");

    private ContribOperators() {}

    static OpSet set() {
        return SET;
    }

    private static OpDefinition<?> make(String name) {
        return switch (name) {
            case "Inverse" -> op(new Inverse());
            case "CropAndResize" -> op(CropAndResize.SCHEMA, CropAndResize.class, CropAndResize::of);
            case "DynamicTimeWarping" -> op(new DynamicTimeWarping());
            case "NGramRepeatBlock" -> op(NGramRepeatBlock.SCHEMA, NGramRepeatBlock.class, NGramRepeatBlock::of);
            case "MurmurHash3" -> op(MurmurHash3.SCHEMA, MurmurHash3.class, MurmurHash3::of);
            case "QLinearAdd" -> op(new QLinearAdd());
            case "QLinearAveragePool" ->
                op(QLinearAveragePool.SCHEMA, QLinearAveragePool.class, QLinearAveragePool::of);
            case "DynamicQuantizeLSTM" ->
                op(DynamicQuantizeLSTM.SCHEMA, DynamicQuantizeLSTM.class, DynamicQuantizeLSTM::of);
            default -> null;
        };
    }
}
