package dev.tenon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.Attributes;
import dev.tenon.op.fused.ChannelsLast;
import dev.tenon.op.fused.Fused;
import dev.tenon.op.fused.Fused.Part;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Conv;
import dev.tenon.op.nn.MatMul;
import dev.tenon.op.nn.Softmax;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fused operators have the kind of their anchor. */
class OperatorKindTest {
    @Test
    void fusedOperatorsAreOfTheKindOfTheirAnchor() {
        Part product = new Part(new MatMul(), List.of(0, 1));
        Part ahead = new Part(new Neg(), List.of(0));
        assertThat(OperatorKind.of(new Fused(2, product, List.of(new Part(new Neg(), List.of(2))))))
                .isEqualTo("product");
        assertThat(OperatorKind.of(new Fused(1, List.of(ahead), new Part(new Softmax(-1), List.of(1)), List.of())))
                .isEqualTo(OperatorKind.of(new Softmax(-1)))
                .isEqualTo("norm");
        assertThat(OperatorKind.of(new Fused(1, null, List.of(ahead)))).isEqualTo("elementwise");
    }

    @Test
    void operatorsWithChannelsLastAreOfTheKindThatTheyHaveWithChannelsFirst() {
        assertThat(OperatorKind.of(new ChannelsLast(Conv.of(Attributes.none()))))
                .isEqualTo("product");
    }
}
