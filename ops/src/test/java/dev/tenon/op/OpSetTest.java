package dev.tenon.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.op.math.Abs;
import dev.tenon.op.math.Elu;
import dev.tenon.op.math.Neg;
import dev.tenon.op.nn.Softmax;
import dev.tenon.testkit.AllCases;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
        assertThat(set.made()).containsExactly(SOFTMAX);
        assertThat(set.find("", "None")).isEmpty();
        assertThat(set.find("", "Abs")).containsSame(ABS);
        assertThat(set.contains(new Abs())).isTrue();
        assertThat(lazy.definitions()).containsExactly(ABS);
        assertThat(set.made()).containsExactly(ABS, SOFTMAX);
        assertThat(made).containsExactly("lazy");
    }

    @Test
    void anEntryIsMadeOnceWhenItsNameIsLookedUp() {
        List<String> made = new ArrayList<>();
        Function<String, OpDefinition<?>> maker = name -> {
            made.add(name);
            return name.equals("Abs") ? ABS : SOFTMAX;
        };
        OpSet set = OpSet.byName("", maker, "Abs", "Softmax");
        assertThat(set.find("com.example", "Abs")).isEmpty();
        assertThat(set.find("", "Elu")).isEmpty();
        assertThat(made).isEmpty();
        assertThat(set.made()).isEmpty();
        assertThat(set.find("", "Softmax")).containsSame(SOFTMAX);
        assertThat(set.contains(new Softmax(1))).isTrue();
        assertThat(made).containsExactly("Softmax");
        assertThat(set.made()).containsExactly(SOFTMAX);
        assertThat(set.definitions()).containsExactly(ABS, SOFTMAX);
        assertThat(set.find("", "Abs")).containsSame(ABS);
        assertThat(made).containsExactly("Softmax", "Abs");
    }

    @Test
    void anEntryOfAnotherOperatorIsAnErrorOfTheSet() {
        OpSet set = OpSet.byName("", name -> name.equals("Elu") ? ABS : null, "Elu", "Neg");
        assertThatThrownBy(() -> set.find("", "Elu"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'Elu'")
                .hasMessageContaining("Abs");
        assertThatThrownBy(() -> set.find("", "Neg"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'Neg'")
                .hasMessageContaining("missing");
    }

    @Test
    void aPartOfASetHasItsEntries() {
        OpSet set = OpSet.of(ABS, SOFTMAX).only("", "Softmax");
        assertThat(set.definitions()).containsExactly(SOFTMAX);
        assertThat(set.find("", "Abs")).isEmpty();
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
