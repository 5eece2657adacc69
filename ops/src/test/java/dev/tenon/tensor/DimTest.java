package dev.tenon.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidTensorException;
import dev.tenon.error.ResourceLimitException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DimTest {
    private static final Dim A = Dim.symbol("a");
    private static final Dim B = Dim.symbol("b");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "12 | 12",
                "-3 | -3",
                "batch | batch",
                "1+2*seq | 2*seq+1",
                "a+b-b | a",
                "a-a | 0",
                "0*a | 0",
                "(a+b)*(a-b) | a^2-b^2",
                "(a+1)^2 | a^2+2*a+1",
                "-2^2 | -4",
                "b*a | a*b",
                "-9223372036854775808 | -9223372036854775808",
                "floor((2*a*b)/(2*b)) | a",
                "floor((a^2-b^2)/(a-b)) | a+b",
                "floor((h-3)/2) | floor((h+1)/2)-2",
                "floor((2*h+3)/2) | h+1",
                "floor((2*h+1)/4) | floor(h/2)",
                "floor((6*a*c+3*b*c)/(9*c)) | floor((2*a+b)/3)",
                "floor(floor(h/2)/2) | floor(h/4)",
                "floor((floor((h-1)/2)+2)/2) | floor((h+3)/4)",
                "floor(h/(-2)) | -h+floor(h/2)",
                "floor((-h)/2) | -h+floor(h/2)",
                "floor(a/(a+1)) | 0",
                "floor(5/b) | floor(5/b)",
                "floor((-5)/b) | floor((-5)/b)",
                "floor((-1)/b) | -1",
                "floor((b-1)/b) | 0",
                "floor(a/b^2) | floor(a/b^2)",
                "floor(a/(2*b)) | floor(a/(2*b))",
                "max(a,0) | a",
                "max(a,b,a) | max(a,b)",
                "max(a,max(b,3)) | max(3,a,b)",
                "max(a,a+1) | a+1",
                "min(a,0) | 0",
                "min(a,9223372036854775807) | a",
                "min(2*a,a) | a",
                "max(-9223372036854775808,a-7) | a-7",
                "broadcast(a,1) | a",
                "broadcast(a,a) | a",
                "broadcast(a,min(5,a)) | a",
                "broadcast(a,min(a,b)) | broadcast(a,min(a,b))",
                "broadcast(a,7) | 7",
                "broadcast(a,0) | 0",
                "broadcast(b,broadcast(a,b)) | broadcast(a,b)",
                "\"odd name\"+1 | \"odd name\"+1",
                "\"max\" | \"max\"",
                "?0*unk__1.x | ?0*unk__1.x",
                "max(floor(a/2),\"x,y\")*3 | 3*max(\"x,y\",floor(a/2))",
            })
    void expressionsHaveACanonicalForm(String text, String canonical) {
        Dim dim = Dim.parse(text);
        assertThat(dim).hasToString(canonical);
        assertThat(Dim.parse(canonical)).isEqualTo(dim).hasSameHashCodeAs(dim);
    }

    @Test
    void quotientsRemaindersAndCeilings() {
        assertThat(Dim.of(7).ceilDiv(Dim.of(2))).isEqualTo(Dim.of(4));
        assertThat(Dim.of(-7).floorDiv(Dim.of(2))).isEqualTo(Dim.of(-4));
        assertThat(Dim.of(-7).mod(Dim.of(2))).isEqualTo(Dim.of(1));
        assertThat(A.ceilDiv(Dim.of(2))).hasToString("floor((a+1)/2)");
        assertThat(A.times(B).ceilDiv(B)).isEqualTo(A);
        assertThat(A.times(Dim.of(6)).plus(Dim.of(1)).mod(Dim.of(3))).isEqualTo(Dim.of(1));
        assertThat(A.times(B).mod(A)).isEqualTo(Dim.of(0));
    }

    @Test
    void exactQuotientsAreFoundOrNot() {
        Dim sum = A.plus(B);
        assertThat(sum.times(sum).dividedExactlyBy(sum)).contains(sum);
        assertThat(A.times(Dim.of(6)).dividedExactlyBy(Dim.of(-4))).isEmpty();
        assertThat(A.times(Dim.of(6)).dividedExactlyBy(Dim.of(-3))).contains(A.times(Dim.of(-2)));
        assertThat(A.dividedExactlyBy(B)).isEmpty();
        assertThat(A.dividedExactlyBy(Dim.of(0))).isEmpty();
        assertThat(Dim.of(0).dividedExactlyBy(A)).contains(Dim.of(0));
    }

    @Test
    void knownValuesAreNumbers() {
        assertThat(Dim.of(5).isKnown()).isTrue();
        assertThat(Dim.of(5).value()).isEqualTo(5);
        assertThat(A.isKnown()).isFalse();
        assertThat(A.orElse(9)).isEqualTo(9);
        assertThat(Dim.of(5000).orElse(9)).isEqualTo(5000);
        assertThat(Dim.parse("floor(a/b)+max(c,\"d e\")").symbols()).containsExactly("a", "b", "c", "d e");
        assertThatThrownBy(() -> A.plus(B).value())
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("dimension 'a+b': is symbolic where a number is needed; bind a, b");
    }

    @Test
    void evaluationNeedsEverySymbolAndChecksWhatItFinds() {
        Dim dim = Dim.parse("floor(a/b)+c");
        assertThat(dim.evaluate(Map.of("a", 7L, "b", 2L, "c", 1L))).hasValue(4);
        assertThat(dim.evaluate(Map.of("a", 7L, "c", 1L))).isEmpty();
        assertThatThrownBy(() -> dim.evaluate(Map.of("a", 7L, "b", 0L, "c", 1L)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("dimension 'floor(a/b)': divides by 0; allowed any other divisor");
        assertThatThrownBy(() -> A.times(A).evaluate(Map.of("a", 1L << 40)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("overflows 64 bits");
        Dim broadcast = A.broadcast(B);
        assertThat(broadcast.evaluate(Map.of("a", 1L, "b", 0L))).hasValue(0);
        assertThat(broadcast.evaluate(Map.of("a", 3L, "b", 3L))).hasValue(3);
        assertThatThrownBy(() -> broadcast.evaluate(Map.of("a", 3L, "b", 2L)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessage("broadcast: dimensions 3 and 2 differ; allowed equal dimensions, or one of them 1");
    }

    @Test
    void substitutionRecomputesTheForm() {
        Dim dim = Dim.parse("floor(a/2)*b+max(a,b)");
        assertThat(dim.substitute(Map.of("a", Dim.parse("2*b"))).toString()).isEqualTo("b^2+2*b");
        assertThat(dim.substitute(Map.of("z", Dim.of(1)))).isEqualTo(dim);
        assertThat(dim.substitute(Map.of("a", Dim.of(4), "b", Dim.of(3)))).isEqualTo(Dim.of(10));
        assertThatThrownBy(() -> Dim.parse("floor(a/b)").substitute(Map.of("b", Dim.of(0))))
                .isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void broadcastsThatCanNotBeAreRefused() {
        assertThatThrownBy(() -> Dim.of(2).broadcast(Dim.of(3))).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Dim.parse("a+5").broadcast(Dim.of(3))).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Dim.parse("a+2").broadcast(Dim.parse("a+3")))
                .isInstanceOf(InvalidTensorException.class);
        assertThat(Dim.parse("a").broadcast(Dim.parse("a+1"))).hasToString("broadcast(a,a+1)");
    }

    @Test
    void overflowIsAnError() {
        Dim max = Dim.of(Long.MAX_VALUE);
        assertThatThrownBy(() -> max.plus(Dim.of(1)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("9223372036854775807 + 1 overflows 64 bits");
        assertThatThrownBy(() -> max.times(A).times(Dim.of(2))).isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> Dim.of(Long.MIN_VALUE).floorDiv(Dim.of(-1)))
                .isInstanceOf(InvalidTensorException.class);
        assertThatThrownBy(() -> A.floorDiv(Dim.of(0)))
                .isInstanceOf(InvalidTensorException.class)
                .hasMessageContaining("divides by 0");
    }

    @Test
    void expressionsAreBounded() {
        assertThatThrownBy(() -> {
                    Dim dim = Dim.of(1);
                    for (int i = 0; i < 200; i++) {
                        dim = dim.times(Dim.symbol("s" + i).plus(Dim.of(1)));
                    }
                })
                .isInstanceOf(ResourceLimitException.class)
                .hasMessageContaining("dimension expression");
        assertThatThrownBy(() -> {
                    Dim dim = A;
                    for (int i = 0; i < 200; i++) {
                        dim = dim.floorDiv(Dim.of(3))
                                .max(dim.floorDiv(Dim.of(5)).plus(B));
                    }
                })
                .isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Dim.parse("a^1000")).isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Dim.parse("(".repeat(100_000) + "a")).isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Dim.parse("a".repeat(2_000_000))).isInstanceOf(ResourceLimitException.class);
        assertThatThrownBy(() -> Dim.symbol("a".repeat(5000))).isInstanceOf(ResourceLimitException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+",
                "a+",
                "a b",
                "a(3)",
                "floor(a)",
                "floor(h-3/2)",
                "floor(a/2",
                "max(a",
                "2a",
                "\"open",
                "\"\"",
                "\"\\q\"",
                "\"\\u12g4\"",
                "99999999999999999999",
                "a^",
                "a^-1",
                "[1]",
                "a,b",
                "\u0000"
            })
    void otherTextIsRefused(String text) {
        assertThatThrownBy(() -> Dim.parse(text)).isInstanceOf(InvalidTensorException.class);
    }

    @Test
    void parseErrorsSayWhere() {
        assertThatThrownBy(() -> Dim.parse("a+*"))
                .hasMessage("dimension 'a+*': '*' at position 2; allowed a number, a name or '('");
        assertThatThrownBy(() -> Dim.parse("a+")).hasMessageContaining("the text ends at position 2");
        assertThatThrownBy(() -> Dim.symbol(""))
                .hasMessage("dimension: a symbol with an empty name; allowed any other name; name it, say '?0'");
    }
}
