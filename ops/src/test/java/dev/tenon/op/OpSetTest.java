package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import dev.tenon.testkit.AllCases;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpSetTest {
    private static final OpDefinition<Abs> ABS = OpDefinition.op(new Abs());
    private static final OpDefinition<Softmax> SOFTMAX = OpDefinition.op(Softmax.SCHEMA, Softmax.class, Softmax::of);
    private static final OpDefinition<Neg> IN_PLACE_OF_ABS =
            OpDefinition.op(new Abs().schema(), Neg.class, a -> new Neg());

    @Test
    void everyOperatorIsFoundByItsName() {
        for (OpDefinition<?> d : AllCases.operators().definitions()) {
            assertThat(AllCases.operators().find(d.schema().domain(), d.schema().name()))
                    .containsSame(d);
        }
    }

    @Test
    void anOperatorThatIsNotThereIsNotFound() {
        OpSet set = OpSet.of(ABS, SOFTMAX);
        assertThat(set.find("", "None")).isEmpty();
        assertThat(set.find("com.example", "Abs")).isEmpty();
        assertThat(OpSet.empty().find("", "Abs")).isEmpty();
    }

    @Test
    void theLaterEntryHoldsAtThePlaceOfTheEarlierOne() {
        OpSet set = OpSet.of(ABS).with(SOFTMAX);
        OpSet other = set.plus(OpSet.of(IN_PLACE_OF_ABS));
        assertThat(other.find("", "Abs")).containsSame(IN_PLACE_OF_ABS);
        assertThat(other.definitions()).containsExactly(IN_PLACE_OF_ABS, SOFTMAX);
        assertThat(other.contains(new Abs())).isFalse();
        assertThat(set.contains(new Abs())).isTrue();
        assertThat(set.find("", "Abs")).containsSame(ABS);
        assertThat(set.definitions()).containsExactly(ABS, SOFTMAX);
        assertThat(OpSet.of(ABS, IN_PLACE_OF_ABS).definitions()).containsExactly(IN_PLACE_OF_ABS);
    }

    @Test
    void aLazySetIsMadeOnceAndForItsDomainAlone() {
        List<String> made = new ArrayList<>();
        OpSet lazy = OpSet.lazy("", () -> {
            made.add("lazy");
            return OpSet.of(ABS);
        });
        OpSet set = lazy.plus(OpSet.of(SOFTMAX));
        assertThat(set.find("com.example", "Abs")).isEmpty();
        assertThat(set.find("", "Softmax")).containsSame(SOFTMAX);
        assertThat(made).isEmpty();
        assertThat(set.find("", "None")).isEmpty();
        assertThat(set.find("", "Abs")).containsSame(ABS);
        assertThat(set.contains(new Abs())).isTrue();
        assertThat(lazy.definitions()).containsExactly(ABS);
        assertThat(made).containsExactly("lazy");
    }

    @Test
    void anEntryMakesItsOperator() {
        OpDefinition<Elu> elu = OpDefinition.op(Elu.SCHEMA, Elu.class, Elu::of);
        assertThat(elu.create(Attributes.none().with("alpha", 2f))).isEqualTo(new Elu(2));
        assertThat(elu.since()).isEqualTo(1);
        assertThat(ABS.create(Attributes.none())).isEqualTo(new Abs());
        assertThat(ABS.schema()).isSameAs(new Abs().schema());
        assertThat(ABS.type()).isEqualTo(Abs.class);
    }
}
