package dev.tenon.graph.rules.quant;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graphs;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantizationGridTest {
    private static QuantizationGrid of(String nodes) {
        return QuantizationGrid.of(Graphs.parse("""
                graph g(%x: f32[2,3,6,6], %b: u8[2,3,6,6], %h: i16[2,3,6,6], %i: i32[2,3,6,6], %t: f32[]) {
                  %s = const f32[] {0.5}
                  %z = const f32[] {0}
                  %m = const f32[] {-1}
                  %c = const f32[1] {3}
                  %f = const f32[] {3.5}
                  %l = const f32[] {65536}
                  %o = const f32[] {65537}
                  %v = const f32[1,1,1,6] {3, 3, 3, 3, 3, 3}
                  %u = Cast<to=1>(%b)
                  %r = Round(%x)
                  %p = ThresholdedRelu<alpha=0.0f>(%r)
                """ + nodes.replace("; ", "\n") + "\nreturn %y\n}")
                .outputs()
                .getFirst());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0      | 255    | %y = Mul(%u, %s)
            0      | 255    | %k = Mul(%u, %s); %y = Relu(%k)
            0      | 252    | %d = Sub(%u, %c); %k = Mul(%d, %s); %y = Relu(%k)
            -3     | 252    | %d = Sub(%u, %c); %y = Mul(%d, %s)
            -3     | 252    | %d = Sub(%u, %c); %k = Mul(%d, %s); %y = MaxPool<kernel_shape=[2, 2], pads=[1, 1, 1, 1]>(%k)
            -3     | 252    | %d = Sub(%u, %c); %k = Mul(%d, %s); %y = MaxPool<kernel_shape=[2, 3], pads=[1, 2, 1, 2]>(%k)
            -65536 | -65281 | %d = Sub(%u, %l); %y = Mul(%d, %s)
            0      | 0      | %d = Sub(%u, %l); %k = Mul(%d, %s); %y = Relu(%k)
            -32768 | 32767  | %k = Cast<to=1>(%h); %y = Mul(%k, %s)
            0      | 3      | %d = Min(%p, %c); %y = Mul(%d, %s)
            0      | 0      | %d = Min(%p, %z); %y = Mul(%d, %s)
            -3     | 0      | %d = Min(%p, %c); %e = Sub(%d, %c); %y = Mul(%e, %s)
            0      | 3      | %a = Sub(%r, %m); %e = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%e, %c); %y = Mul(%d, %s)
            """)
    void integersTimesAScale(double least, double greatest, String nodes) {
        assertThat(of(nodes)).isEqualTo(new QuantizationGrid(0.5, least, greatest));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            an input                 | %y = Relu(%x)
            a scale that is given    | %y = Mul(%u, %t)
            a negative scale         | %y = Mul(%u, %m)
            a scale of zero          | %y = Mul(%u, %z)
            several scales           | %y = Mul(%u, %v)
            integers that are given  | %y = Mul(%x, %s)
            a shift of what is given | %d = Sub(%x, %c); %y = Mul(%d, %s)
            integers of 32 bits      | %k = Cast<to=1>(%i); %y = Mul(%k, %s)
            floats that are cast     | %k = Cast<to=10>(%x); %a = Cast<to=1>(%k); %y = Mul(%a, %s)
            a shift that is given    | %d = Sub(%u, %t); %y = Mul(%d, %s)
            a shift by a half        | %d = Sub(%u, %f); %y = Mul(%d, %s)
            a large shift            | %d = Sub(%u, %o); %y = Mul(%d, %s)
            no upper bound           | %y = Mul(%p, %s)
            a bound that is given    | %d = Min(%p, %t); %y = Mul(%d, %s)
            a bound between integers | %d = Min(%p, %f); %y = Mul(%d, %s)
            a negative bound         | %d = Min(%p, %m); %y = Mul(%d, %s)
            two bounds               | %d = Min(%p, %c, %x); %y = Mul(%d, %s)
            a greatest one           | %d = Max(%p, %c); %y = Mul(%d, %s)
            no lower bound           | %d = Min(%r, %c); %y = Mul(%d, %s)
            a bound of an input      | %d = Min(%x, %c); %y = Mul(%d, %s)
            a threshold of numbers   | %e = ThresholdedRelu<alpha=0.0f>(%x); %d = Min(%e, %c); %y = Mul(%d, %s)
            a threshold above zero   | %e = ThresholdedRelu<alpha=0.5f>(%r); %d = Min(%e, %c); %y = Mul(%d, %s)
            no whole numbers         | %a = Neg(%x); %e = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%e, %c); %y = Mul(%d, %s)
            shifted by a half        | %a = Sub(%r, %f); %e = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%e, %c); %y = Mul(%d, %s)
            shifted numbers          | %a = Sub(%x, %c); %e = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%e, %c); %y = Mul(%d, %s)
            added numbers            | %a = Add(%r, %c); %e = ThresholdedRelu<alpha=0.0f>(%a); %d = Min(%e, %c); %y = Mul(%d, %s)
            windows of nothing       | %k = Mul(%u, %s); %y = MaxPool<kernel_shape=[2, 2], pads=[2, 0, 0, 0], strides=[2, 2]>(%k)
            windows past the end     | %k = Mul(%u, %s); %y = MaxPool<kernel_shape=[2, 2], ceil_mode=1>(%k)
            dilated windows          | %k = Mul(%u, %s); %y = MaxPool<kernel_shape=[2, 2], dilations=[1, 2]>(%k)
            a negated one            | %k = Mul(%u, %s); %y = Neg(%k)
            """)
    void othersAreNotKnown(String what, String nodes) {
        assertThat(of(nodes)).as(what).isNull();
    }

    /** A window without dilation is filled, whether the model says so or not. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            %k = Mul(%u, %s); %y = MaxPool<kernel_shape=[2, 2], dilations=[1, 1]>(%k)
            %k = Mul(%u, %s); %y = MaxPool<kernel_shape=[2, 2]>(%k)
            """)
    void windowsThatAreFilledKeepTheGrid(String nodes) {
        assertThat(of(nodes)).isEqualTo(new QuantizationGrid(0.5, 0, 255));
    }
}
