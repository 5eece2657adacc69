package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpSetTest {
    private static final OpDefinition<Neg> IN_PLACE_OF_ABS = new OpDefinition<>(Abs.SCHEMA, Neg.class, a -> new Neg());

    @Test
    void everyLineAddsTheOperatorThatItNames() {
        for (OpDefinition<?> d : CoreOps.set().definitions()) {
            assertThat(CoreOps.set().find(d.schema().domain(), d.schema().name()))
                    .as("the entry of %s, whose line asks for another name", d.schema())
                    .isSameAs(d);
        }
    }

    @Test
    void linesOfOtherOperatorsAreNotRead() {
        List<String> read = new ArrayList<>();
        OpSet set = OpSet.of(list -> {
            if (list.asks("Abs")) {
                read.add("Abs");
                list.add(Abs.SCHEMA, Abs.class, Abs::of);
            }
            if (list.asks("Softmax")) {
                read.add("Softmax");
                list.add(Softmax.SCHEMA, Softmax.class, Softmax::of);
            }
        });
        assertThat(set.find("", "Softmax").type()).isEqualTo(Softmax.class);
        assertThat(set.find("", "Softmax"))
                .isSameAs(set.plus(CoreOps.set()).plus(set).find("", "Softmax"));
        assertThat(set.find("", "None")).isNull();
        assertThat(set.find("com.example", "Abs")).isNull();
        assertThat(read).containsExactly("Softmax");
        assertThat(set.definitions()).containsExactly(set.find("", "Abs"), set.find("", "Softmax"));
    }

    @Test
    void theLaterEntryHoldsAtThePlaceOfTheEarlierOne() {
        OpSet set = OpSet.empty().with(Abs.SCHEMA, Abs.class, Abs::of).with(Softmax.SCHEMA, Softmax.class, Softmax::of);
        OpSet other = set.plus(OpSet.empty().with(IN_PLACE_OF_ABS));
        assertThat(other.find("", "Abs")).isSameAs(IN_PLACE_OF_ABS);
        assertThat(other.definitions()).containsExactly(IN_PLACE_OF_ABS, set.find("", "Softmax"));
        assertThat(other.definition(new Abs())).isNull();
        assertThat(set.definition(new Abs())).isSameAs(set.find("", "Abs"));
        assertThat(set.find("", "Abs").type()).isEqualTo(Abs.class);
    }
}
