package dev.tenon.op;

import dev.tenon.op.attention.AttentionOps;
import dev.tenon.op.contrib.ContribOps;
import dev.tenon.op.fused.FusedOps;
import dev.tenon.op.loss.LossOps;
import dev.tenon.op.math.MathOps;
import dev.tenon.op.nn.NnOps;
import dev.tenon.op.quant.QuantOps;
import dev.tenon.op.random.RandomOps;
import dev.tenon.op.recurrent.RecurrentOps;
import dev.tenon.op.reduce.ReduceOps;
import dev.tenon.op.sequence.SequenceOps;
import dev.tenon.op.shape.ShapeOps;
import dev.tenon.op.signal.SignalOps;
import dev.tenon.op.tabular.TabularOps;
import dev.tenon.op.text.TextOps;
import dev.tenon.op.vision.VisionOps;

/**
 * The operators that work on tensors alone, a line a family: those of the standard and of its widely used extension, and
 * those made of them.
 */
public final class CoreOps {
    private static final OpSet SET = OpSet.of(CoreOps::list);

    private CoreOps() {}

    /**
     * The families that most models are made of come first, then those that optimised ones have: the others are loaded
     * for what these do not have.
     */
    private static void list(OpList list) {
        MathOps.list(list);
        ShapeOps.list(list);
        NnOps.list(list);
        ReduceOps.list(list);
        if (!list.isAnswered()) {
            AttentionOps.list(list);
            FusedOps.list(list);
        }
        if (!list.isAnswered()) {
            others(list);
        }
    }

    private static void others(OpList list) {
        TabularOps.list(list);
        TextOps.list(list);
        SequenceOps.list(list);
        QuantOps.list(list);
        ContribOps.list(list);
        LossOps.list(list);
        RandomOps.list(list);
        RecurrentOps.list(list);
        SignalOps.list(list);
        VisionOps.list(list);
    }

    /**
     * All families.
     *
     * @return the set
     */
    public static OpSet set() {
        return SET;
    }
}
