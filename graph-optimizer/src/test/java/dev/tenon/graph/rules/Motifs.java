package dev.tenon.graph.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Random graphs that are made of motifs, such as rules look for. A motif computes a value %y of shape [b,3,4] from a
 * value %x of the same shape, and perhaps from another value %z. A motif that only ends graphs may have another shape. Constants, the order of operands and further uses of
 * values are random. In the texts, S(0.5) is a number, R(4,4) a random tensor, W(4,4) one of bytes, I(1,2) a vector of
 * integers, B(true) a boolean. Names that start with an underscore belong to the motif.
 */
final class Motifs {
    /**
     * Each line: the name; the largest factor by which magnitudes grow, 0 if results are rounded, or -1 if rules may change
     * them by more than rounding; and the nodes.
     */
    private static final String TEXT = """
        identity | 1 | %y = Identity(%x)
        dropout | 1 | %y, %_m = Dropout(%x)
        add-zero | 1 | %_c = S(-0.0); %y = Add(%x, %_c)
        add-positive-zero | 1 | %_c = S(0.0); %y = Add(%x, %_c)
        sub-zero | 1 | %_c = S(0.0); %y = Sub(%x, %_c)
        mul-one | 1 | %_c = S(1.0); %y = Mul(%x, %_c)
        div-one | 1 | %_c = S(1.0); %y = Div(%x, %_c)
        pow-one | 1 | %_c = S(1.0); %y = Pow(%x, %_c)
        neg-neg | 1 | %_n = Neg(%x); %y = Neg(%_n)
        not-not | 1 | %_c = S(0.0); %_g = Greater(%x, %_c); %_n = Not(%_g); %_p = Not(%_n); %_m = Neg(%x); %y = Where(%_p, %x, %_m)
        idempotent-repeated | 1 | %_r = Relu(%x); %y = Relu(%_r)
        idempotent-repeated | 1 | %_r = Abs(%x); %y = Abs(%_r)
        one-operand | 1 | %y = Sum(%x)
        one-operand | 1 | %y = Max(%x)
        sum-of-two | 2 | %y = Sum(%x, %z)
        concat-one | 1 | %y = Concat<axis=1>(%x)
        split-one | 1 | %_s = I(4); %y = Split<axis=2>(%x, %_s)
        split-one-even | 1 | %y = Split<axis=2, num_outputs=1>(%x)
        where-same | 1 | %_c = B(true); %y = Where(%_c, %x, %x)
        cast-none | 1 | %y = Cast<to=1>(%x)
        cast-chain | 1 | %_d = Cast<to=11>(%x); %y = Cast<to=1>(%_d)
        view-none | 1 | %_s = I(0,3,4); %y = Reshape(%x, %_s)
        slice-all | 1 | %_s = I(0); %_e = I(3); %_a = I(1); %y = Slice(%x, %_s, %_e, %_a)
        pad-none | 1 | %_p = I(0,0,0,0,0,0); %y = Pad(%x, %_p)
        view-chain | 1 | %_a = I(1); %_s = I(0,3,4); %_u = Unsqueeze(%x, %_a); %y = Reshape(%_u, %_s)
        view-chain | 1 | %_t = I(0,-1); %_s = I(0,3,4); %_u = Reshape(%x, %_t); %y = Reshape(%_u, %_s)
        reshape-target | 1 | %_z = I(0); %_o = I(1); %_q = I(12); %_s = Shape(%x); %_b = Slice(%_s, %_z, %_o); %_t = Concat<axis=0>(%_b, %_q); %_f = Reshape(%x, %_t); %_u = I(-1,3,4); %y = Reshape(%_f, %_u)
        if-known | 1 | %_c = B(true); %y = If<else_branch=graph e(%_e: f32[b,3,4]) {;return %_e;}, then_branch=graph t(%_t: f32[b,3,4]) {;%_n = Neg(%_t);return %_n;}>(%_c, %x)
        transpose-none | 1 | %y = Transpose<perm=[0, 1, 2]>(%x)
        transpose-chain | 1 | %_t = Transpose<perm=[2, 0, 1]>(%x); %y = Transpose<perm=[1, 2, 0]>(%_t)
        transpose-of-ones | 1 | %_a = I(1); %_u = Unsqueeze(%x, %_a); %_t = Transpose<perm=[1, 0, 2, 3]>(%_u); %_z = I(0); %y = Squeeze(%_t, %_z)
        transpose-after-unary | 1 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_r = Relu(%_t); %y = Transpose<perm=[0, 2, 1]>(%_r)
        transpose-after-clip | 1 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_l = S(-2); %_h = S(3); %_r = Clip(%_t, %_l, %_h); %y = Transpose<perm=[0, 2, 1]>(%_r)
        transpose-after-binary | 2 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_u = Transpose<perm=[0, 2, 1]>(%z); %_r = Add(%_t, %_u); %y = Transpose<perm=[0, 2, 1]>(%_r)
        transpose-after-constant | 2 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_c = R(4,1); %_r = Mul(%_t, %_c); %y = Transpose<perm=[0, 2, 1]>(%_r)
        transpose-after-constant-left | 3 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_c = R(3); %_r = Sub(%_c, %_t); %y = Transpose<perm=[0, 2, 1]>(%_r)
        transpose-through-view | 1 | %_t = Transpose<perm=[2, 0, 1]>(%x); %_a = I(1); %_u = Unsqueeze(%_t, %_a); %_v = Transpose<perm=[1, 2, 3, 0]>(%_u); %_z = I(0); %y = Squeeze(%_v, %_z)
        order-features-in-weights | 48 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_s = I(-1,12); %_f = Reshape(%_t, %_s); %_w = R(12,12); %_p = MatMul(%_f, %_w); %_o = I(-1,3,4); %y = Reshape(%_p, %_o)
        quantize-before-order | 2 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_s = I(-1,12); %_f = Reshape(%_t, %_s); %_q, %_u, %_z = DynamicQuantizeLinear(%_f); %_c = Cast<to=1>(%_q); %_h = S(3); %_k = Min(%_c, %_h); %_o = I(-1,3,4); %y = Reshape(%_k, %_o)
        order-integer-features-in-weights | 16 | %_l = S(0); %_h = S(3); %_k = Clip(%x, %_l, %_h); %_c = Cast<to=2>(%_k); %_t = Transpose<perm=[0, 2, 1]>(%_c); %_s = I(-1,12); %_f = Reshape(%_t, %_s); %_w = const i8[12,4] {1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2}; %_p = MatMulInteger(%_f, %_w); %_d = Cast<to=1>(%_p); %_a = I(1); %_e = Unsqueeze(%_d, %_a); %y = Add(%x, %_e)
        order-pixels-in-weights | 16 | %_l = S(0); %_h = S(3); %_k = Clip(%x, %_l, %_h); %_c = Cast<to=2>(%_k); %_t = Transpose<perm=[0, 2, 1]>(%_c); %_s = I(-1,12); %_f = Reshape(%_t, %_s); %_w = const i8[4,12,1] {1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2, 1, -1, 0, 2}; %_b = I(0); %_g = Unsqueeze(%_f, %_b); %_i = S(1.0); %_z = const u8[] {0}; %_n = const i8[] {0}; %_p = dev.tenon.ChannelsLast<op="QLinearConv">(%_g, %_i, %_z, %_w, %_i, %_n, %_i, %_z); %_q = Squeeze(%_p, %_b); %_d = Cast<to=1>(%_q); %_a = I(1); %_e = Unsqueeze(%_d, %_a); %y = Add(%x, %_e)
        fold-batch-normalization | 24 | %_w = R(3,3,1); %_k = Conv(%x, %_w); %_s = R(3); %_b = R(3); %_m = R(3); %_v = ONES(3); %y = BatchNormalization<epsilon=0.0f>(%_k, %_s, %_b, %_m, %_v)
        fold-scale | 16 | %_w = R(4,4); %_p = MatMul(%x, %_w); %_c = R(4); %y = Mul(%_p, %_c)
        fold-divisor | 8 | %_w = R(4,4); %_p = MatMul(%x, %_w); %_c = S(0.5); %y = Div(%_p, %_c)
        fold-shift | 9 | %_w = R(3,3,1); %_b = R(3); %_p = Conv(%x, %_w, %_b); %_c = R(3,1); %y = Add(%_p, %_c)
        fold-subtrahend | 9 | %_w = R(3,3,1); %_b = R(3); %_p = Conv(%x, %_w, %_b); %_c = R(3,1); %y = Sub(%_p, %_c)
        fold-gemm-factors | 24 | %_s = I(-1,4); %_f = Reshape(%x, %_s); %_w = R(4,4); %_b = R(4); %_g = Gemm<alpha=2.0f, beta=0.5f>(%_f, %_w, %_b); %_o = I(-1,3,4); %y = Reshape(%_g, %_o)
        fold-scaled-input | 16 | %_c = S(2); %_s = Mul(%x, %_c); %_w = R(4,4); %y = MatMul(%_s, %_w)
        fold-scaled-input | 16 | %_c = R(3,1); %_s = Mul(%x, %_c); %_w = R(3,3,1); %y = Conv(%_s, %_w)
        fold-shifted-input | 24 | %_c = R(3,1); %_s = Add(%x, %_c); %_w = R(3,3,1); %y = Conv(%_s, %_w)
        fold-scale-biased | 24 | %_w = R(4,4); %_p = MatMul(%x, %_w); %_b = R(4); %_s = Add(%_p, %_b); %_c = R(4); %y = Mul(%_s, %_c)
        batch-normalization-parts | 8 | %_n = Neg(%x); %_s = R(3); %_b = R(3); %_m = R(3); %_v = ONES(3); %y = BatchNormalization<epsilon=0.0f>(%_n, %_s, %_b, %_m, %_v)
        merge-shifts | 4 | %_c = R(4); %_s = Add(%x, %_c); %_d = R(3,4); %y = Add(%_s, %_d)
        fold-pad | 18 | %_p = I(0,0,1,0,0,1); %_q = Pad(%x, %_p); %_w = R(3,3,3); %y = Conv(%_q, %_w)
        fold-pad-product | 24 | %_p = I(0,0,1,0,0,1); %_q = Pad(%x, %_p); %_w = R(6,4); %y = MatMul(%_q, %_w)
        fold-pad-transposed | 18 | %_p = I(0,0,1,0,0,1); %_q = Pad(%x, %_p); %_w = R(3,3,3); %y = ConvTranspose<pads=[2, 2]>(%_q, %_w)
        transpose-after-softmax | 0 | %_u = I(1); %_t = Unsqueeze(%x, %_u); %_p = Transpose<perm=[0, 2, 1, 3]>(%_t); %_q = Transpose<perm=[2, 1, 0, 3]>(%_p); %_s = Softmax(%_q); %_r = Transpose<perm=[2, 1, 0, 3]>(%_s); %_v = I(2); %y = Squeeze(%_r, %_v)
        transpose-after-softmax | 0 | %_t = Transpose<perm=[1, 0, 2]>(%x); %_s = Softmax<axis=2>(%_t); %y = Transpose<perm=[1, 0, 2]>(%_s)
        transpose-after-concat | 1 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_u = Transpose<perm=[0, 2, 1]>(%z); %_c = Concat<axis=1>(%_t, %_u); %_r = Transpose<perm=[0, 2, 1]>(%_c); %_z = I(4,4); %y, %_o = Split<axis=2>(%_r, %_z)
        transpose-into-concat | 1 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_q = I(3,4,-1); %_p = Reshape(%z, %_q); %_r = Transpose<perm=[2, 1, 0]>(%_p); %_c = Concat<axis=2>(%_t, %_r); %_d = Transpose<perm=[0, 2, 1]>(%_c); %_s = I(3,3); %y, %_o = Split<axis=1>(%_d, %_s)
        transpose-after-reduction | 5 | %_t = Transpose<perm=[0, 2, 1]>(%x); %_a = I(2); %_m = ReduceSum(%_t, %_a); %_r = Transpose<perm=[0, 2, 1]>(%_m); %y = Add(%x, %_r)
        merge-products | 128 | %_v = R(4,6); %_w = R(6,4); %_b = R(6); %_p = MatMul(%x, %_v); %_s = Add(%_p, %_b); %y = MatMul(%_s, %_w)
        merge-convolutions | 80 | %_v = R(6,3,1); %_b = R(6); %_p = Conv(%x, %_v, %_b); %_w = R(3,6,1); %y = Conv(%_p, %_w)
        merge-convolutions | 240 | %_v = R(6,3,3); %_p = Conv<pads=[1, 1]>(%x, %_v); %_w = R(3,6,1); %_b = R(3); %y = Conv(%_p, %_w, %_b)
        merge-convolutions | 240 | %_v = R(6,3,1); %_p = Conv(%x, %_v); %_w = R(3,6,3); %y = Conv<pads=[1, 1]>(%_p, %_w)
        reverse-twice | 1 | %_s = I(-1); %_e = I(-9); %_a = I(1); %_r = Slice(%x, %_s, %_e, %_a, %_s); %_n = Slice(%_r, %_s, %_e, %_a, %_s); %y = Neg(%_n)
        reverse-sequence-whole | 1 | %_t = Transpose<perm=[1, 2, 0]>(%x); %_l = I(3,3,3,3); %_r = ReverseSequence(%_t, %_l); %y = Transpose<perm=[2, 0, 1]>(%_r)
        dequantize-quantize | 2 | %_l = S(0); %_h = S(200); %_k = Clip(%x, %_l, %_h); %_c = Cast<to=2>(%_k); %_s = const f32[4] {0.5, 1, 2, 0.25}; %_z = const u8[4] {1, 2, 3, 0}; %_d = DequantizeLinear<axis=2>(%_c, %_s, %_z); %_e = QuantizeLinear<axis=2>(%_d, %_s, %_z); %y = Cast<to=1>(%_e)
        quantize-integers | 2 | %_l = S(0); %_h = S(200); %_k = Clip(%x, %_l, %_h); %_c = Cast<to=2>(%_k); %_s = S(0.5); %_z = const u8[] {7}; %_d = DequantizeLinear(%_c, %_s, %_z); %_e = QuantizeLinear(%_d, %_s, %_z); %y = Cast<to=1>(%_e)
        quantize-dequantize | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_e = Sub(%x, %_d); %y = Neg(%_e)
        dequantize | 2 | %_l = S(0); %_h = S(200); %_k = Clip(%x, %_l, %_h); %_c = Cast<to=2>(%_k); %_s = S(1); %_z = const u8[] {3}; %y = DequantizeLinear(%_c, %_s, %_z)
        qlinear-convolution | 3 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_w = const i8[3,3,1] {1, 2, -1, 3, 0, 1, -2, 1, 1}; %_u = S(0.25); %_n = const i8[] {0}; %_c = QLinearConv(%_q, %_s, %_z, %_w, %_u, %_n, %_s, %_z); %_d = DequantizeLinear(%_c, %_s, %_z); %y = Div(%_d, %_s)
        qlinear-product | 3 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_w = const i8[4,4] {1, 2, -1, 3, 0, 1, -2, 1, 1, 0, 0, 1, 2, -1, 1, 0}; %_u = S(0.25); %_n = const i8[] {0}; %_c = QLinearMatMul(%_q, %_s, %_z, %_w, %_u, %_n, %_s, %_z); %_d = DequantizeLinear(%_c, %_s, %_z); %y = Div(%_d, %_s)
        block-product | 24 | %_q = const i4[4,4] {1, -2, 3, -4, 5, -6, 7, -8, 0, 1, -1, 2, 3, -3, 4, -5}; %_s = const f32[4,1] {0.5, 0.25, -0.5, 0.125}; %_w = DequantizeLinear<axis=1, block_size=16>(%_q, %_s); %_t = Transpose<perm=[1, 0]>(%_w); %y = MatMul(%x, %_t)
        block-product-bias | 24 | %_q = const u8[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 2, 3, 3, 4, 5}; %_s = const f32[4,1] {0.5, 0.25, -0.5, 0.125}; %_z = const u8[4,1] {3, 4, 5, 6}; %_w = DequantizeLinear<axis=1, block_size=32>(%_q, %_s, %_z); %_t = Transpose<perm=[1, 0]>(%_w); %_p = MatMul(%x, %_t); %_b = R(4); %y = Add(%_p, %_b)
        quantized-operator | 3 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_t = QuantizeLinear(%z, %_s, %_z); %_r = S(1.0); %_a = dev.tenon.QuantizedOperator<op="Add">(%_q, %_s, %_z, %_t, %_s, %_z, %_r, %_z); %_d = DequantizeLinear(%_a, %_r, %_z); %y = Div(%_d, %_s)
        qlinear-sum | 3 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_c = com.microsoft.QLinearAdd(%_q, %_s, %_z, %_q, %_s, %_z, %_s, %_z); %_d = DequantizeLinear(%_c, %_s, %_z); %y = Div(%_d, %_s)
        dynamic-scales | 50 | %_l = S(0); %_h = S(3); %_k = Clip(%x, %_l, %_h); %_q = Cast<to=2>(%_k); %_t = ReduceMax<keepdims=0>(%x); %_w = const i8[4,4] {1, 2, -1, 3, 0, 1, -2, 1, 1, 0, 0, 1, 2, -1, 1, 0}; %_p = MatMulInteger(%_q, %_w); %_f = Cast<to=1>(%_p); %_u = R(4); %_m = Mul(%_t, %_u); %_o = Mul(%_f, %_m); %_b = R(4); %y = Add(%_o, %_b)
        convolution-integers | 40 | %_l = S(0); %_h = S(3); %_k = Clip(%x, %_l, %_h); %_q = Cast<to=2>(%_k); %_z = const u8[] {1}; %_w = const i8[3,3,1] {1, 2, -1, 3, 0, 1, -2, 1, 1}; %_n = const i8[3] {0, 1, -1}; %_c = ConvInteger(%_q, %_w, %_z, %_n); %_f = Cast<to=1>(%_c); %_t = ReduceMax<keepdims=0>(%x); %_u = R(3,1); %_m = Mul(%_t, %_u); %y = Mul(%_f, %_m)
        centred-quantization | 40 | %_l = S(0); %_h = S(3); %_k = Clip(%x, %_l, %_h); %_p = I(0,0,0,0,1,0); %_v = S(255); %_e = Pad(%_k, %_p, %_v); %_q, %_t, %_z = DynamicQuantizeLinear(%_e); %_w = const i8[3,4,1] {1, 2, -1, 0, 3, 0, 1, 0, -2, 1, 1, 0}; %_c = ConvInteger(%_q, %_w, %_z); %_f = Cast<to=1>(%_c); %y = Mul(%_f, %_t)
        qkv-integers | 0 | %_g = S(0); %_c = Greater(%x, %_g); %_i = Cast<to=2>(%_c); %_z = const u8[] {0}; %_n = const i8[] {1}; %_t = ReduceMax<keepdims=0>(%x); %_wq = const i8[4,4] {1, 2, -1, 3, 0, 1, -2, 1, 1, 0, 0, 1, 2, -1, 1, 0}; %_wk = const i8[4,4] {1, 0, 0, 1, 2, -1, 1, 0, 1, 2, -1, 3, 0, 1, -2, 1}; %_wv = const i8[4,4] {0, 1, -2, 1, 1, 0, 0, 1, 1, 2, -1, 3, 2, -1, 1, 0}; %_pq = MatMulInteger(%_i, %_wq, %_z, %_n); %_pk = MatMulInteger(%_i, %_wk, %_z, %_n); %_pv = MatMulInteger(%_i, %_wv, %_z, %_n); %_fq = Cast<to=1>(%_pq); %_fk = Cast<to=1>(%_pk); %_fv = Cast<to=1>(%_pv); %_u = R(4); %_mq = Mul(%_fq, %_t); %_mk = Mul(%_fk, %_t); %_mv = Mul(%_fv, %_t); %_sq = Mul(%_mq, %_u); %_k = Mul(%_mk, %_u); %_v = Mul(%_mv, %_u); %_b = R(4); %_q = Add(%_sq, %_b); HEADS; %_p = MatMul(%_qt, %_kt); ATTEND
        qkv-integers | 0 | %_g = S(0); %_c = Greater(%x, %_g); %_i = Cast<to=2>(%_c); %_z = const u8[] {1}; %_n = const i8[] {1}; %_t = ReduceMax<keepdims=0>(%x); %_wq = const i8[4,4] {1, 2, -1, 3, 0, 1, -2, 1, 1, 0, 0, 1, 2, -1, 1, 0}; %_wk = const i8[4,4] {1, 0, 0, 1, 2, -1, 1, 0, 1, 2, -1, 3, 0, 1, -2, 1}; %_wv = const i8[4,4] {0, 1, -2, 1, 1, 0, 0, 1, 1, 2, -1, 3, 2, -1, 1, 0}; %_pq = MatMulInteger(%_i, %_wq, %_z, %_n); %_pk = MatMulInteger(%_i, %_wk, %_z, %_n); %_pv = MatMulInteger(%_i, %_wv, %_z, %_n); %_fq = Cast<to=1>(%_pq); %_fk = Cast<to=1>(%_pk); %_fv = Cast<to=1>(%_pv); %_u = R(4); %_mq = Mul(%_fq, %_t); %_mk = Mul(%_fk, %_t); %_mv = Mul(%_fv, %_t); %_sq = Mul(%_mq, %_u); %_k = Mul(%_mk, %_u); %_v = Mul(%_mv, %_u); %_b = R(4); %_q = Add(%_sq, %_b); HEADS; %_p = MatMul(%_qt, %_kt); ATTEND
        gelu-erf | 0 | %_r = S(1.4142135); %_d = Div(%x, %_r); %_e = Erf(%_d); %_o = S(1); %_s = Add(%_e, %_o); %_p = Mul(%x, %_s); %_h = S(0.5); %y = Mul(%_p, %_h)
        gelu-tanh | 0 | %_t = S(3); %_q = Pow(%x, %_t); %_c = S(0.044715); %_m = Mul(%_q, %_c); %_a = Add(%x, %_m); %_k = S(0.7978846); %_i = Mul(%_a, %_k); %_g = Tanh(%_i); %_o = S(1); %_s = Add(%_g, %_o); %_h = S(0.5); %_l = Mul(%x, %_h); %y = Mul(%_l, %_s)
        gelu-sigmoid | 0 | %_t = S(3); %_q = Pow(%x, %_t); %_c = S(0.044715); %_m = Mul(%_q, %_c); %_a = Add(%x, %_m); %_k = S(1.5957692); %_i = Mul(%_a, %_k); %_g = Sigmoid(%_i); %y = Mul(%x, %_g)
        silu | 0 | %_s = Sigmoid(%x); %y = Mul(%x, %_s)
        silu | 0 | %_n = Neg(%x); %_e = Exp(%_n); %_o = S(1); %_s = Add(%_e, %_o); %y = Div(%x, %_s)
        swish | 0 | %_c = S(1.702); %_m = Mul(%x, %_c); %_s = Sigmoid(%_m); %y = Mul(%x, %_s)
        hard-sigmoid | 0 | %_c = S(3); %_a = Add(%x, %_c); %_l = S(0); %_h = S(6); %_k = Clip(%_a, %_l, %_h); %y = Div(%_k, %_h)
        hard-swish | 0 | %_c = S(3); %_a = Add(%x, %_c); %_l = S(0); %_h = S(6); %_k = Clip(%_a, %_l, %_h); %_m = Mul(%x, %_k); %y = Div(%_m, %_h)
        mish | 0 | %_s = Softplus(%x); %_t = Tanh(%_s); %y = Mul(%x, %_t)
        squeeze-excite | 0 | %_p = GlobalAveragePool(%x); %_w = R(2,3,1); %_b = R(2); %_k = Conv(%_p, %_w, %_b); %_r = Relu(%_k); %_v = R(3,2,1); %_e = Conv(%_r, %_v); %_g = HardSigmoid(%_e); %y = Mul(%x, %_g)
        squeeze-excite | 0 | %_a = I(2); %_p = ReduceMean(%x, %_a); %_w = R(2,3,1); %_k = Conv(%_p, %_w); %_s = Sigmoid(%_k); %_h = Mul(%_k, %_s); %_v = R(3,2,1); %_b = R(3); %_e = Conv(%_h, %_v, %_b); %_g = Sigmoid(%_e); %_m = Mul(%x, %_g); %y = Add(%_m, %x)
        squeeze-excite | 0 | %_p = GlobalAveragePool(%x); %_w = R(2,3,1); %_k = Conv(%_p, %_w); %_l = S(0); %_h = S(6); %_r = Clip(%_k, %_l, %_h); %_v = R(3,2,1); %_b = R(3); %_e = Conv(%_r, %_v, %_b); %_c = S(3); %_a = Add(%_e, %_c); %_q = Clip(%_a, %_l, %_h); %_g = Div(%_q, %_h); %y = Mul(%x, %_g)
        squeeze-excite-linear | 0 | %_a = I(-1); %_p = ReduceMean<keepdims=0>(%x, %_a); %_w = R(2,3); %_b = R(2); %_k = Gemm<transB=1>(%_p, %_w, %_b); %_r = Relu(%_k); %_v = R(2,3); %_e = MatMul(%_r, %_v); %_c = R(3); %_f = Add(%_e, %_c); %_g = Sigmoid(%_f); %_i = I(2); %_u = Unsqueeze(%_g, %_i); %y = Mul(%x, %_u)
        layer-normalization | 0 | %_a = I(2); %_m = ReduceMean(%x, %_a); %_d = Sub(%x, %_m); %_t = S(2); %_p = Pow(%_d, %_t); %_v = ReduceMean(%_p, %_a); %_c = S(0.1); %_e = Add(%_v, %_c); %_s = Sqrt(%_e); %_q = Div(%_d, %_s); %_g = R(4); %_o = Mul(%_q, %_g); %_b = R(4); %y = Add(%_o, %_b)
        layer-normalization-moments | 0 | %_a = I(2); %_m = ReduceMean(%x, %_a); %_d = Sub(%x, %_m); %_p = Mul(%_d, %_d); %_v = ReduceMean(%_p, %_a); %_c = S(0.1); %_e = Add(%_v, %_c); %_s = Sqrt(%_e); %_r = Reciprocal(%_s); %_g = R(4); %_f = Mul(%_r, %_g); %_t = Mul(%x, %_f); %_u = Mul(%_m, %_f); %_b = R(4); %_o = Sub(%_b, %_u); %y = Add(%_t, %_o)
        rms-normalization | 0 | %_a = I(2); %_p = Mul(%x, %x); %_v = ReduceMean(%_p, %_a); %_c = S(0.1); %_e = Add(%_v, %_c); %_s = Sqrt(%_e); %_q = Div(%x, %_s); %_g = R(4); %y = Mul(%_q, %_g)
        rms-normalization | 0 | %_a = I(2); %_q = ReduceSumSquare(%x, %_a); %_f = S(0.25); %_v = Mul(%_q, %_f); %_c = S(0.1); %_e = Add(%_v, %_c); %_s = Sqrt(%_e); %_r = Reciprocal(%_s); %_g = R(4); %_k = Mul(%_r, %_g); %y = Mul(%x, %_k)
        rms-normalization-of-norm | 0 | %_a = I(2); %_e = Abs(%x); %_f = S(0.5); %_p = Add(%_e, %_f); %_l = ReduceL2(%_p, %_a); %_q = Div(%_p, %_l); %_c = S(2); %_m = Mul(%_q, %_c); %_g = R(4); %y = Mul(%_m, %_g)
        rms-normalization-of-norm | 0 | %_q = LpNormalization(%x); %_c = S(0.5); %y = Div(%_q, %_c)
        rms-normalization-scale-cast | 2 | %_z = S(0.0); %_g = Greater(%x, %_z); %_p = S(1); %_n = S(-1); %_w = Where(%_g, %_p, %_n); %_i = ONES(4); %_c = RMSNormalization<epsilon=3.0f>(%_w, %_i); %_h = Cast<to=10>(%_c); %_t = R(4); %_k = Cast<to=10>(%_t); %_m = Mul(%_h, %_k); %y = Cast<to=1>(%_m)
        sum-normalization | 0 | %_p = Softmax<axis=1>(%x); %_q = Softmax<axis=1>(%z); %_s = Add(%_p, %_q); %_g = R(4); %_n = RMSNormalization(%_s, %_g); %y = Mul(%_n, %_s)
        layer-normalization-factor | 0 | %_g = R(4); %_b = R(4); %_n = LayerNormalization(%x, %_g, %_b); %_c = R(4); %y = Mul(%_n, %_c)
        sum-normalization | 0 | %_t = R(3,4); %_i = I(2,0,1); %_r = Gather(%_t, %_i); %_p = Softmax<axis=1>(%x); %_s = Add(%_p, %_r); %_g = R(4); %_b = R(4); %y = LayerNormalization(%_s, %_g, %_b)
        transposed-operands | 48 | %_l = S(-1); %_h = S(1); %_c = Clip(%z, %_l, %_h); %_t = Transpose<perm=[0, 2, 1]>(%_c); %_p = MatMul(%x, %_t); %_w = R(3,4); %y = MatMul(%_p, %_w)
        transposed-operands | 96 | %_l = S(-1); %_h = S(1); %_c = Clip(%z, %_l, %_h); %_d = Neg(%_c); %_s = I(-1,4); %_f = Reshape(%_c, %_s); %_g = Reshape(%_d, %_s); %_t = Transpose<perm=[1, 0]>(%_g); %_p = MatMul(%_f, %_t); %_k = Reshape(%x, %_s); %_m = MatMul(%_p, %_k); %_o = I(-1,3,4); %y = Reshape(%_m, %_o)
        transposed-operands | 96 | %_s = I(-1,4); %_l = S(-1); %_h = S(1); %_c = Clip(%z, %_l, %_h); %_f = Reshape(%_c, %_s); %_t = Transpose<perm=[1, 0]>(%_f); %_k = Reshape(%x, %_s); %_p = MatMul(%_t, %_k); %_m = MatMul(%_f, %_p); %_o = I(-1,3,4); %y = Reshape(%_m, %_o)
        softmax | 0 | %_a = I(2); %_m = ReduceMax(%x, %_a); %_d = Sub(%x, %_m); %_e = Exp(%_d); %_s = ReduceSum(%_e, %_a); %y = Div(%_e, %_s)
        log-softmax | 0 | %_s = Softmax<axis=2>(%x); %y = Log(%_s)
        log-softmax | 0 | %_s = Softmax<axis=1>(%x); %y = Log(%_s)
        duplicate-of-table | 3 | %_l = S(0); %_h = S(3); %_c = Clip(%x, %_l, %_h); %_i = Cast<to=7>(%_c); %_t = const f32[4,2] {1, 1, -2, -2, 0, 0, 3, 3}; %_g = Gather(%_t, %_i); %_a = I(3); %y = ReduceSum<keepdims=0>(%_g, %_a)
        rotary | 0 | PROJECT; ANGLES; %_qa = Mul(%_qt, %_cu); %_q1 = Slice(%_qt, %_i0, %_i1, %_i3); %_q2 = Slice(%_qt, %_i1, %_i3, %_i3); %_qn = Neg(%_q2); %_qr = Concat<axis=-1>(%_qn, %_q1); %_qb = Mul(%_qr, %_su); %_qe = Add(%_qa, %_qb); %_p = MatMul(%_qe, %_kt); ATTEND
        qkv-rotary-products | 0 | PROJECT; ANGLES; %_qa = Mul(%_qt, %_cu); %_q1 = Slice(%_qt, %_i0, %_i1, %_i3); %_q2 = Slice(%_qt, %_i1, %_i3, %_i3); %_qn = Neg(%_q2); %_qr = Concat<axis=-1>(%_qn, %_q1); %_qb = Mul(%_qr, %_su); %_qe = Add(%_qa, %_qb); %_kx = Transpose<perm=[0, 2, 1, 3]>(%_kh); %_ka = Mul(%_kx, %_cu); %_k1 = Slice(%_kx, %_i0, %_i1, %_i3); %_k2 = Slice(%_kx, %_i1, %_i3, %_i3); %_kn = Neg(%_k2); %_kr = Concat<axis=-1>(%_kn, %_k1); %_kb = Mul(%_kr, %_su); %_ke = Add(%_ka, %_kb); %_kf = Transpose<perm=[0, 1, 3, 2]>(%_ke); %_p = MatMul(%_qe, %_kf); ATTEND
        rotary-halves | 0 | ANGLES; %_r = Unsqueeze(%x, %_i1); %_x1 = Slice(%_r, %_i0, %_i1, %_i3); %_w = I(2); %_x2 = Slice(%_r, %_w, %_i3, %_i3); %_q = Concat<axis=3>(%_x1, %_x2); %_q1 = Slice(%_q, %_i0, %_i1, %_i3); %_q2 = Slice(%_q, %_i1, %_i3, %_i3); %_c1 = Slice(%_cu, %_i0, %_i1, %_i3); %_s1 = Slice(%_su, %_i0, %_i1, %_i3); %_a = Mul(%_q1, %_c1); %_b = Mul(%_q2, %_s1); %_d = Sub(%_a, %_b); %_e = Mul(%_q2, %_c1); %_f = Mul(%_q1, %_s1); %_g = Add(%_e, %_f); %_h = Concat<axis=3>(%_d, %_g); %_u = Squeeze(%_h, %_i1); %_j = Slice(%x, %_i0, %_w, %_i2); %y = Concat<axis=2>(%_u, %_j)
        rotary-interleaved | 0 | %_i0 = I(0); %_i1 = I(1); %_i2 = I(2); %_i4 = I(4); %_n = I(9); %_r = Unsqueeze(%x, %_i2); %_cz = Slice(%z, %_i0, %_i2, %_i2); %_co = Cos(%_cz); %_si = Sin(%_cz); %_cu = Unsqueeze(%_co, %_i2); %_su = Unsqueeze(%_si, %_i2); %_ca = Unsqueeze(%_cu, %_i4); %_cb = Concat<axis=4>(%_ca, %_ca); %_o = I(0,0,1,4); %_cc = Reshape(%_cb, %_o); %_w = I(0,0,1,1); %_cs = Gather<axis=3>(%_su, %_w); %_i3 = I(3); %_r1 = Slice(%_r, %_i0, %_n, %_i3, %_i2); %_r2 = Slice(%_r, %_i1, %_n, %_i3, %_i2); %_m = Neg(%_r2); %_mu = Unsqueeze(%_m, %_i4); %_ru = Unsqueeze(%_r1, %_i4); %_t = Concat<axis=-1>(%_mu, %_ru); %_u = Reshape(%_t, %_o); %_a = Mul(%_r, %_cc); %_b = Mul(%_u, %_cs); %_e = Add(%_a, %_b); %y = Squeeze(%_e, %_i2)
        rotary-interleaved-pairs | 0 | %_i0 = const i64[] {0}; %_i1 = const i64[] {1}; %_z0 = I(0); %_z1 = I(1); %_z2 = I(2); %_q = I(0,1,3,2,2); %_p = Reshape(%x, %_q); %_x1 = Gather<axis=4>(%_p, %_i0); %_x2 = Gather<axis=4>(%_p, %_i1); %_cz = Slice(%z, %_z0, %_z2, %_z2); %_co = Cos(%_cz); %_si = Sin(%_cz); %_cu = Unsqueeze(%_co, %_z1); %_su = Unsqueeze(%_si, %_z1); %_a = Mul(%_x1, %_cu); %_b = Mul(%_x2, %_su); %_d = Sub(%_a, %_b); %_e = Mul(%_x2, %_cu); %_f = Mul(%_x1, %_su); %_g = Add(%_e, %_f); %_u4 = I(4); %_du = Unsqueeze(%_d, %_u4); %_gu = Unsqueeze(%_g, %_u4); %_t = Concat<axis=4>(%_du, %_gu); %_o = I(0,1,3,4); %_h = Reshape(%_t, %_o); %y = Squeeze(%_h, %_z1)
        rotary-part | 0 | ANGLES; %_r = Unsqueeze(%x, %_i1); %_x1 = Slice(%_r, %_i0, %_i2, %_i3); %_n = I(9); %_x2 = Slice(%_r, %_i2, %_n, %_i3); %_f = Slice(%_cu, %_i0, %_i1, %_i3); %_g = Slice(%_su, %_i0, %_i1, %_i3); %_h = Squeeze(%_f, %_i1); %_k = Squeeze(%_g, %_i1); %_e = RotaryEmbedding(%_x1, %_h, %_k); %_c = Concat<axis=-1>(%_e, %_x2); %y = Squeeze(%_c, %_i1)
        rotary-part | 0 | ANGLES; %_r = Unsqueeze(%x, %_i1); %_x1 = Slice(%_r, %_i0, %_i2, %_i3); %_n = I(9); %_x2 = Slice(%_r, %_i2, %_n, %_i3); %_f = Slice(%_cu, %_i0, %_i1, %_i3); %_g = Slice(%_su, %_i0, %_i1, %_i3); %_h = Squeeze(%_f, %_i1); %_k = Squeeze(%_g, %_i1); %_e = RotaryEmbedding(%_x1, %_h, %_k); %_c = Concat<axis=-1>(%_e, %_x2); %_w = Squeeze(%_c, %_i1); %y = Neg(%_w)
        loop-rnn | 0 | STATE; %_h1, %_o = Scan<body=graph r(%_h: f32[b,4], %_e: f32[b,4]) {;%_w = R(4,4); %_u = R(4,4); %_a = MatMul(%_e, %_w); %_c = MatMul(%_h, %_u); %_d = Add(%_a, %_c); %_n = Tanh(%_d);return %_n, all=%_n;}, carried=1, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1]>(%_h0, %x); %y = Neg(%_o)
        loop-rnn | 0 | STATE; %_s = I(-1); %_g = I(-9); %_v = I(1); %_x = Slice(%x, %_s, %_g, %_v, %_s); %_h1, %_o = Scan<body=graph r(%_h: f32[b,4], %_e: f32[b,4]) {;%_w = R(4,4); %_u = R(4,4); %_a = MatMul(%_e, %_w); %_c = MatMul(%_h, %_u); %_d = Add(%_a, %_c); %_n = Tanh(%_d);return %_n, all=%_n;}, carried=1, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1]>(%_h0, %_x); %_f = Slice(%_o, %_s, %_g, %_v, %_s); %y = Neg(%_f)
        loop-gru | 0 | STATE; %_h1, %_o = Scan<body=graph u(%_h: f32[b,4], %_e: f32[b,4]) {;%_w = R(8,8); %_j = Concat<axis=1>(%_e, %_h); %_p = MatMul(%_j, %_w); %_z = I(4,4); %_zz, %_rr = Split<axis=1>(%_p, %_z); %_zg = Sigmoid(%_zz); %_rg = Sigmoid(%_rr); %_rh = Mul(%_rg, %_h); %_k = Concat<axis=1>(%_e, %_rh); %_v = R(8,4); %_q = MatMul(%_k, %_v); %_b = R(4); %_t = Add(%_q, %_b); %_c = Tanh(%_t); %_d = Sub(%_h, %_c); %_f = Mul(%_zg, %_d); %_n = Add(%_f, %_c);return %_n, all=%_n;}, carried=1, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1]>(%_h0, %x); %y = Neg(%_o)
        loop-lstm | 0 | STATE; %_c0 = Gather<axis=1>(%z, %_1); %_h1, %_c1, %_o = Scan<body=graph l(%_h: f32[b,4], %_c: f32[b,4], %_e: f32[b,4]) {;%_w = R(4,16); %_u = R(4,16); %_b = R(16); %_a = MatMul(%_e, %_w); %_d = MatMul(%_h, %_u); %_p = Add(%_a, %_d); %_q = Add(%_p, %_b); %_z = I(4,4,4,4); %_ii, %_ff, %_gg, %_oo = Split<axis=1>(%_q, %_z); %_is = Sigmoid(%_ii); %_fs = Sigmoid(%_ff); %_gt = Tanh(%_gg); %_os = Sigmoid(%_oo); %_k = Mul(%_fs, %_c); %_r = Mul(%_is, %_gt); %_m = Add(%_k, %_r); %_t = Tanh(%_m); %_n = Mul(%_os, %_t);return %_n, %_m, all=%_n;}, carried=2, num_scan_inputs=1, scan_input_axes=[1], scan_output_axes=[1]>(%_h0, %_c0, %x); %y = Add(%_o, %x)
        attention | 0 | PROJECT; %_d = S(1.4142135); %_t = MatMul(%_qt, %_kt); %_p = Div(%_t, %_d); ATTEND
        attention-chosen | 0 | PROJECT; %_p = MatMul(%_qt, %_kt); %_l = S(-10000); %_m = const bool[3,3] {true, false, false, true, true, false, true, true, true}; %_c = Where(%_m, %_p, %_l); %_s = Softmax(%_c); %_o = MatMul(%_s, %_vt); JOIN
        attention-chosen-added | 0 | PROJECT; %_p = MatMul(%_qt, %_kt); %_l = S(-1e38); %_g = S(0); %_n = R(3,3); %_m = Greater(%_n, %_g); %_c = Where(%_m, %_p, %_l); %_b = R(3); %_a = Add(%_c, %_b); %_s = Softmax(%_a); %_o = MatMul(%_s, %_vt); JOIN
        attention-causal | 0 | PROJECT; %_p = MatMul(%_qt, %_kt); %_l = S(-1e38); %_i = I(3,3); %_e = Expand(%_l, %_i); %_d = const i64[] {1}; %_m = Trilu(%_e, %_d); %_a = Add(%_p, %_m); %_s = Softmax(%_a); %_o = MatMul(%_s, %_vt); JOIN
        attention-past | 0 | PROJECT; %_hz = I(0,2,-1,2); %_pk = Reshape(%z, %_hz); %_wz = R(4); %_zr = Mul(%z, %_wz); %_pv = Reshape(%_zr, %_hz); %_ki = Transpose<perm=[0, 2, 1, 3]>(%_kh); %_kc = Concat<axis=2>(%_pk, %_ki); %_vc = Concat<axis=2>(%_pv, %_vt); %_kn = Transpose<perm=[0, 1, 3, 2]>(%_kc); %_p = MatMul(%_qt, %_kn); %_s = Softmax(%_p); %_o = MatMul(%_s, %_vc); JOIN
        attention-past | 0 | PROJECT; %_hz = I(0,2,-1,2); %_pk = Reshape(%z, %_hz); %_wz = R(4); %_zr = Mul(%z, %_wz); %_pv = Reshape(%_zr, %_hz); %_pt = Transpose<perm=[0, 1, 3, 2]>(%_pk); %_kc = Concat<axis=-1>(%_pt, %_kt); %_vc = Concat<axis=2>(%_pv, %_vt); %_p = MatMul(%_qt, %_kc); %_s = Softmax(%_p); %_o = MatMul(%_s, %_vc); JOIN
        attention-scaled-queries | 0 | PROJECT; %_f = S(0.7); %_u = Mul(%_qt, %_f); %_p = MatMul(%_u, %_kt); ATTEND
        attention-scaled-keys | 0 | PROJECT; %_f = S(0.7); %_u = Mul(%_kt, %_f); %_p = MatMul(%_qt, %_u); ATTEND
        attention-grouped | 0 | %_h = I(0,0,2,2); %_i = I(0,0,1,2); %_wq = R(4,4); %_wk = R(4,2); %_wv = R(4,2); %_q = MatMul(%x, %_wq); %_k = MatMul(%x, %_wk); %_v = MatMul(%x, %_wv); %_qh = Reshape(%_q, %_h); %_kh = Reshape(%_k, %_i); %_vh = Reshape(%_v, %_i); %_qt = Transpose<perm=[0, 2, 1, 3]>(%_qh); %_kg = Transpose<perm=[0, 2, 1, 3]>(%_kh); %_vg = Transpose<perm=[0, 2, 1, 3]>(%_vh); %_x = I(2); %_n = I(1,1,2,1,1); %_r = I(0,2,-1,2); %_ku = Unsqueeze(%_kg, %_x); %_vu = Unsqueeze(%_vg, %_x); %_ke = Expand(%_ku, %_n); %_ve = Expand(%_vu, %_n); %_kr = Reshape(%_ke, %_r); %_vt = Reshape(%_ve, %_r); %_kt = Transpose<perm=[0, 1, 3, 2]>(%_kr); %_p = MatMul(%_qt, %_kt); ATTEND
        attention-grouped | 0 | %_h = I(0,0,4,2); %_i = I(0,0,2,2); %_wq = R(4,8); %_wk = R(4,4); %_wv = R(4,4); %_q = MatMul(%x, %_wq); %_k = MatMul(%x, %_wk); %_v = MatMul(%x, %_wv); %_qh = Reshape(%_q, %_h); %_kh = Reshape(%_k, %_i); %_vh = Reshape(%_v, %_i); %_qt = Transpose<perm=[0, 2, 1, 3]>(%_qh); %_kg = Transpose<perm=[0, 2, 1, 3]>(%_kh); %_vg = Transpose<perm=[0, 2, 1, 3]>(%_vh); %_x = I(2); %_n = I(1,1,2,1,1); %_r = I(0,4,-1,2); %_ku = Unsqueeze(%_kg, %_x); %_vu = Unsqueeze(%_vg, %_x); %_ke = Expand(%_ku, %_n); %_ve = Expand(%_vu, %_n); %_kr = Reshape(%_ke, %_r); %_vt = Reshape(%_ve, %_r); %_kt = Transpose<perm=[0, 1, 3, 2]>(%_kr); %_p = MatMul(%_qt, %_kt); %_s = Softmax(%_p); %_o = MatMul(%_s, %_vt); %_ot = Transpose<perm=[0, 2, 1, 3]>(%_o); %_jn = I(0,0,8); %_j = Reshape(%_ot, %_jn); %_wo = R(8,4); %y = MatMul(%_j, %_wo)
        attention-kept | 0 | PROJECT; %_p = MatMul(%_qt, %_kt); %_t = const f32[3,3] {1, 0, 0, 1, 1, 0, 1, 1, 1}; %_u = const f32[3,3] {0, 10000, 10000, 0, 0, 10000, 0, 0, 0}; %_c = Mul(%_p, %_t); %_d = Sub(%_c, %_u); %_s = Softmax(%_d); %_o = MatMul(%_s, %_vt); JOIN
        attention-flat-heads | 0 | PROJECT; FLAT; %_p = MatMul(%_qf, %_kf); %_s = Softmax(%_p); %_of = MatMul(%_s, %_vf); %_o = Reshape(%_of, %_un); JOIN
        attention-flat-scores | 0 | PROJECT; FLAT; %_w = S(0.7); %_pf = MatMul(%_qf, %_kf); %_pw = Mul(%_pf, %_w); %_ua = I(-1,2,3,3); %_p = Reshape(%_pw, %_ua); %_g = R(3,3); %_n = ReduceMax<keepdims=0>(%x); %_d = Mul(%_g, %_n); %_c = Add(%_p, %_d); %_ub = I(-1,3,3); %_e = Reshape(%_c, %_ub); %_s = Softmax(%_e); %_of = MatMul(%_s, %_vf); %_o = Reshape(%_of, %_un); JOIN
        qkv-columns | 0 | %_w = R(4,12); %_a = MatMul(%x, %_w); %_z = I(4,4,4); %_q, %_k, %_v = Split<axis=2>(%_a, %_z); HEADS; %_p = MatMul(%_qt, %_kt); ATTEND
        qkv-pieces | 0 | %_w = R(4,12); %_a = MatMul(%x, %_w); %_f = I(0,0,3,2,2); %_r = Reshape(%_a, %_f); %_m = Transpose<perm=[2, 0, 3, 1, 4]>(%_r); %_i = const i64[] {0}; %_j = const i64[] {1}; %_l = const i64[] {2}; %_qt = Gather(%_m, %_i); %_kh = Gather(%_m, %_j); %_vt = Gather(%_m, %_l); %_kt = Transpose<perm=[0, 1, 3, 2]>(%_kh); %_p = MatMul(%_qt, %_kt); ATTEND
        attention-added-twice | 0 | PROJECT; %_p = MatMul(%_qt, %_kt); %_n = R(3,3); %_f = ReduceMax<keepdims=0>(%x); %_d = Mul(%_n, %_f); %_c = Add(%_p, %_d); %_b = R(3); %_a = Add(%_c, %_b); %_s = Softmax(%_a); %_o = MatMul(%_s, %_vt); JOIN
        quantize-again | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_r = Relu(%_d); %_t = QuantizeLinear(%_r, %_s, %_z); %_e = DequantizeLinear(%_t, %_s, %_z); %y = Neg(%_e)
        scaler | 3 | %_s = ai.onnx.ml.Scaler<offset=[0.5f, 0.0f, -0.25f, 1.0f], scale=[2.0f, 0.5f, 1.0f, -1.0f]>(%x); %y = CastLike(%_s, %x)
        imputer | 1 | %y = ai.onnx.ml.Imputer<imputed_value_floats=[0.5f], replaced_value_float=0.0f>(%x)
        feature-columns | 1 | %_i = I(3,1,0,2); %y = ai.onnx.ml.ArrayFeatureExtractor(%x, %_i)
        feature-matrices | 1 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_p = ai.onnx.ml.FeatureVectorizer<inputdimensions=[4]>(%_f); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        feature-threshold | 1 | %y = ai.onnx.ml.Binarizer<threshold=0.5f>(%x)
        category-numbers | 2 | %_n = IsNaN(%x); %_i = Cast<to=7>(%_n); %_s = Cast<to=8>(%_i); %_h = ai.onnx.ml.CategoryMapper<cats_int64s=[1, 2], cats_strings=["0", "1"]>(%_s); %_c = CastLike(%_h, %x); %y = Add(%x, %_c)
        one-hot-numbers | 2 | %_n = IsNaN(%x); %_i = Cast<to=7>(%_n); %_s = Cast<to=8>(%_i); %_h = ai.onnx.ml.OneHotEncoder<cats_strings=["1", "0"]>(%_s); %_a = I(3); %_r = ReduceSum<keepdims=0>(%_h, %_a); %_c = CastLike(%_r, %x); %y = Add(%x, %_c)
        token-numbers | 5 | %_n = IsNaN(%x); %_i = Cast<to=7>(%_n); %_s = Cast<to=8>(%_i); %_f = I(-1,4); %_t = Reshape(%_s, %_f); %_h = TfIdfVectorizer<mode="TF", min_gram_length=1, max_gram_length=1, max_skip_count=0, ngram_counts=[0], ngram_indexes=[3, 2, 1, 0], pool_strings=["1", "0", "2", "3"]>(%_t); %_o = I(-1,3,4); %_r = Reshape(%_h, %_o); %_c = CastLike(%_r, %x); %y = Add(%x, %_c)
        pairwise-distances | 20 | %_l = S(-3); %_k = S(3); %_q = Clip(%x, %_l, %_k); %_t = I(-1,4); %_f = Reshape(%_q, %_t); %_a = I(1); %_u = Unsqueeze(%_f, %_a); %_w = R(1,4,4); %_d = Sub(%_u, %_w); %_e = I(2); %_p = ReduceSumSquare<keepdims=0>(%_d, %_e); %_o = I(-1,3,4); %y = Reshape(%_p, %_o)
        tree-labels | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_l, %_p = ai.onnx.ml.TreeEnsembleClassifier<nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0], nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[0.5f, 0.0f, 0.0f], nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], class_treeids=[0, 0, 0, 0], class_nodeids=[1, 1, 2, 2], class_ids=[0, 2, 1, 3], class_weights=[-1.0f, 1.0f, 2.0f, 1.0f], classlabels_strings=["a", "b", "c", "d"]>(%_f); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        linear-labels | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_l, %_p = ai.onnx.ml.LinearClassifier<coefficients=[0.5f, -0.25f, 0.0f, 0.25f, 0.25f, 0.5f, -0.5f, 0.0f, -0.25f, 0.0f, 0.5f, 0.25f, 0.0f, 0.25f, 0.25f, -0.5f], intercepts=[0.5f, -0.5f, 0.25f, 0.0f], classlabels_strings=["a", "b", "c", "d"]>(%_f); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        linear-classifier | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_l, %_p = ai.onnx.ml.LinearClassifier<coefficients=[0.5f, -0.25f, 0.0f, 0.25f, 0.25f, 0.5f, -0.5f, 0.0f, -0.25f, 0.0f, 0.5f, 0.25f, 0.0f, 0.25f, 0.25f, -0.5f], intercepts=[0.5f, -0.5f, 0.25f, 0.0f], classlabels_ints=[0, 1, 2, 3], post_transform="SOFTMAX">(%_f); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        linear-regressor | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_p = ai.onnx.ml.LinearRegressor<coefficients=[0.5f, -0.25f, 0.0f, 0.25f, 0.25f, 0.5f, -0.5f, 0.0f, -0.25f, 0.0f, 0.5f, 0.25f, 0.0f, 0.25f, 0.25f, -0.5f], intercepts=[0.5f, -0.5f, 0.25f, 0.0f], targets=4>(%_f); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        svm-labels | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_l, %_q = ai.onnx.ml.SVMClassifier<support_vectors=[0.5f, 0.25f, 0.0f, -0.5f, 0.25f, -0.25f, 0.5f, 0.0f], vectors_per_class=[1, 1], coefficients=[0.5f, -0.25f], rho=[0.25f], kernel_type="RBF", kernel_params=[0.5f, 0.0f, 3.0f], classlabels_strings=["a", "b"]>(%_f); %_p = Concat<axis=1>(%_q, %_q); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        linear-svm-classifier | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_l, %_q = ai.onnx.ml.SVMClassifier<support_vectors=[0.5f, 0.25f, 0.0f, -0.5f, 0.25f, -0.25f, 0.5f, 0.0f], vectors_per_class=[1, 1], coefficients=[0.5f, -0.25f], rho=[0.25f], classlabels_ints=[0, 1]>(%_f); %_p = Concat<axis=1>(%_q, %_q); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        linear-svm-regressor | 0 | %_t = I(-1,4); %_f = Reshape(%x, %_t); %_q = ai.onnx.ml.SVMRegressor<coefficients=[0.5f, -0.25f, 0.0f, 0.25f], rho=[0.5f]>(%_f); %_p = Concat<axis=1>(%_q, %_q, %_q, %_q); %_o = I(-1,3,4); %_c = CastLike(%_p, %x); %y = Reshape(%_c, %_o)
        qlinear-sum-in-floats | 3 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_k = const u8[4] {130, 126, 128, 131}; %_c = com.microsoft.QLinearAdd(%_q, %_s, %_z, %_k, %_s, %_z, %_s, %_z); %_d = DequantizeLinear(%_c, %_s, %_z); %y = Div(%_d, %_s)
        convolution-and-sum | 6 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_t = QuantizeLinear(%z, %_s, %_z); %_w = W(16,4,1); %_u = S(0.25); %_n = const i8[] {0}; %_c = dev.tenon.ChannelsLast<op="QLinearConv">(%_q, %_s, %_z, %_w, %_u, %_n, %_s, %_z); %_o = Concat<axis=2>(%_t, %_t, %_t, %_t); %_b = com.microsoft.QLinearAdd(%_c, %_s, %_z, %_o, %_s, %_z, %_s, %_z); %_d = DequantizeLinear(%_b, %_s, %_z); %_from = I(0); %_to = I(4); %_at = I(2); %_g = Slice(%_d, %_from, %_to, %_at); %y = Div(%_g, %_s)
        qdq-convolution | 4 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_w = W(4,3,1); %_u = S(0.25); %_v = DequantizeLinear(%_w, %_u); %_c = Conv(%_d, %_v); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %_from = I(0); %_to = I(3); %_at = I(1); %_g = Slice(%_f, %_from, %_to, %_at); %y = Div(%_g, %_s)
        qdq-sum | 4 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_t = QuantizeLinear(%z, %_s, %_z); %_b = DequantizeLinear(%_t, %_s, %_z); %_c = Add(%_d, %_b); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %y = Div(%_f, %_s)
        qdq-product | 4 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_w = W(4,4); %_u = S(0.25); %_v = DequantizeLinear(%_w, %_u); %_c = MatMul(%_d, %_v); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %y = Div(%_f, %_s)
        dequantised-product | 16 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_w = W(4,4); %_u = S(0.25); %_v = DequantizeLinear(%_w, %_u); %_c = MatMul(%_d, %_v); %_h = S(8); %y = Mul(%_c, %_h)
        qdq-average | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_c = AveragePool<kernel_shape=[2], pads=[0, 1], count_include_pad=1>(%_d); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %y = Div(%_f, %_s)
        qdq-move | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_r = I(-1,4,3); %_c = Reshape(%_d, %_r); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %_o = I(-1,3,4); %_g = Reshape(%_f, %_o); %y = Div(%_g, %_s)
        qdq-concatenation | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_h = S(1); %_t = QuantizeLinear(%z, %_h, %_z); %_b = DequantizeLinear(%_t, %_h, %_z); %_c = Concat<axis=1>(%_d, %_b); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %_from = I(0); %_to = I(3); %_at = I(1); %_g = Slice(%_f, %_from, %_to, %_at); %y = Div(%_g, %_s)
        function-of-function | 2 | %_s = S(0.5); %_z = const u8[] {128}; %_q = QuantizeLinear(%x, %_s, %_z); %_d = DequantizeLinear(%_q, %_s, %_z); %_n = Neg(%_d); %_t = QuantizeLinear(%_n, %_s, %_z); %_b = DequantizeLinear(%_t, %_s, %_z); %_c = Abs(%_b); %_e = QuantizeLinear(%_c, %_s, %_z); %_f = DequantizeLinear(%_e, %_s, %_z); %y = Div(%_f, %_s)
        block-product-expanded | 64 | %_q = const u8[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 2, 3, 3, 4, 5}; %_s = const f32[4,1] {0.5, 0.25, -0.5, 0.125}; %_o = const u8[4,1] {3, 4, 5, 6}; %_p = dev.tenon.BlockQuantizedMatMul<block_size=16>(%x, %_q, %_s, %_o); %_h = S(8); %y = Mul(%_p, %_h)
        int8-dynamic-blocks | -1 | %_q = const u8[4,4] {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 2, 3, 3, 4, 5}; %_s = const f32[4,1] {0.5, 0.25, -0.5, 0.125}; %_o = const u8[4,1] {3, 4, 5, 6}; %_p = dev.tenon.BlockQuantizedMatMul<block_size=16>(%x, %_q, %_s, %_o); %_h = S(8); %y = Mul(%_p, %_h)
        int8-dynamic-formats | -1 | %_f = Concat<axis=2>(%x, %x, %x, %x, %x, %x, %x, %x); %_q = const u8[4,18] {0, 40, 121, 66, 189, 242, 33, 6, 240, 132, 119, 98, 240, 243, 203, 77, 118, 77, 0, 40, 199, 7, 32, 81, 21, 154, 15, 137, 242, 198, 218, 202, 227, 68, 187, 49, 0, 40, 18, 69, 253, 111, 132, 223, 154, 215, 197, 179, 208, 118, 172, 14, 143, 83, 0, 40, 167, 53, 108, 136, 145, 63, 32, 246, 247, 45, 176, 34, 210, 77, 10, 150}; %_p = dev.tenon.BlockMatMul<format="Q4_0">(%_f, %_q); %_h = S(8); %y = Mul(%_p, %_h)
        reduced-product | -1 | %_v = R(4,32); %_w = R(32,32); %_a = MatMul(%x, %_v); %_r = Relu(%_a); %y = MatMul(%_r, %_w)
        reduced-convolution | -1 | %_v = R(32,4,1); %_w = R(32,32,1); %_b = dev.tenon.ChannelsLast<op="Conv">(%x, %_v); %_r = Relu(%_b); %y = dev.tenon.ChannelsLast<op="Conv">(%_r, %_w)
        rounded-attention | -1 | PROJECT; ROUND
        rounded-attention-pieces | -1 | %_w = R(4,12); %_a = MatMul(%x, %_w); %_f = I(0,0,3,2,2); %_r = Reshape(%_a, %_f); %_c = Transpose<perm=[2, 0, 3, 1, 4]>(%_r); %_i = const i64[] {0}; %_j = const i64[] {1}; %_l = const i64[] {2}; %_qt = Gather(%_c, %_i); %_kh = Gather(%_c, %_j); %_vt = Gather(%_c, %_l); %_kt = Transpose<perm=[0, 1, 3, 2]>(%_kh); ROUND
        """;

    private static final String HEADS =
            "%_h = I(0,0,2,2); %_qh = Reshape(%_q, %_h); %_kh = Reshape(%_k, %_h); %_vh = Reshape(%_v, %_h);"
                    + " %_qt = Transpose<perm=[0, 2, 1, 3]>(%_qh); %_kt = Transpose<perm=[0, 2, 3, 1]>(%_kh);"
                    + " %_vt = Transpose<perm=[0, 2, 1, 3]>(%_vh)";
    private static final String PROJECT = "%_wq = R(4,4); %_wk = R(4,4); %_wv = R(4,4); %_bq = R(4);"
            + " %_aq = MatMul(%x, %_wq); %_q = Add(%_aq, %_bq); %_k = MatMul(%x, %_wk); %_v = MatMul(%x, %_wv); "
            + HEADS;
    private static final String FLAT =
            "%_fl = I(-1,3,2); %_un = I(-1,2,3,2); %_kx = Transpose<perm=[0, 2, 1, 3]>(%_kh);"
                    + " %_qf = Reshape(%_qt, %_fl); %_kg = Reshape(%_kx, %_fl); %_vf = Reshape(%_vt, %_fl);"
                    + " %_kf = Transpose<perm=[0, 2, 1]>(%_kg)";
    private static final String STATE = "%_0 = const i64[] {0}; %_1 = const i64[] {1}; %_h0 = Gather<axis=1>(%z, %_0)";
    private static final String ANGLES = "%_i0 = I(0); %_i1 = I(1); %_i2 = I(2); %_i3 = I(3);"
            + " %_fz = Slice(%z, %_i0, %_i1, %_i2); %_ez = Concat<axis=-1>(%_fz, %_fz); %_nz = S(0.5);"
            + " %_tz = Mul(%_ez, %_nz); %_cz = Cos(%_tz); %_sz = Sin(%_tz);"
            + " %_cu = Unsqueeze(%_cz, %_i1); %_su = Unsqueeze(%_sz, %_i1)";
    private static final String JOIN =
            "%_ot = Transpose<perm=[0, 2, 1, 3]>(%_o); %_jn = I(0,0,4); %y = Reshape(%_ot, %_jn)";
    private static final String ROUND =
            "%_sc = S(0.125); %_se = S(0.00390625); %_sz = const u8[] {128}; %_sn = const u8[] {0};"
                    + " %_qq = QuantizeLinear(%_qt, %_sc, %_sz); %_qd = DequantizeLinear(%_qq, %_sc, %_sz);"
                    + " %_kq = QuantizeLinear(%_kt, %_sc, %_sz); %_kd = DequantizeLinear(%_kq, %_sc, %_sz);"
                    + " %_vq = QuantizeLinear(%_vt, %_sc, %_sz); %_vd = DequantizeLinear(%_vq, %_sc, %_sz);"
                    + " %_p = MatMul(%_qd, %_kd); %_s = Softmax(%_p); %_mq = QuantizeLinear(%_s, %_se, %_sn);"
                    + " %_md = DequantizeLinear(%_mq, %_se, %_sn); %_o = MatMul(%_md, %_vd); " + JOIN;
    private static final String ATTEND = "%_s = Softmax(%_p); %_o = MatMul(%_s, %_vt); " + JOIN;

    /** Motifs of operators that do not exist in double precision. */
    private static final Set<String> QUANTIZED = Set.of(
            "dequantize-quantize",
            "quantize-integers",
            "quantize-dequantize",
            "quantize-again",
            "dequantize",
            "quantized-operator",
            "qlinear-convolution",
            "qlinear-product",
            "qlinear-sum",
            "dynamic-scales",
            "quantize-before-order",
            "order-integer-features-in-weights",
            "order-pixels-in-weights",
            "block-product",
            "block-product-bias",
            "convolution-integers",
            "centred-quantization",
            "duplicate-of-table",
            "qlinear-sum-in-floats",
            "convolution-and-sum",
            "qdq-convolution",
            "qdq-sum",
            "qdq-product",
            "dequantised-product",
            "qdq-average",
            "qdq-move",
            "qdq-concatenation",
            "function-of-function",
            "block-product-expanded");

    /** How exact the results of a graph are. */
    enum Results {
        /** Small integers: no order of computation changes them. */
        EXACT,
        /** Rounded numbers. */
        ROUNDED,
        /** Exact numbers, but for the first output, which rules may change by more than rounding. */
        NEAR
    }

    private static final Pattern OWN = Pattern.compile("%_(\\w+)");
    private static final Pattern COMMUTES = Pattern.compile("\\b(Add|Mul)\\((%\\w+), (%\\w+)\\)");
    private static final Pattern DRAWN = Pattern.compile("(R|W|S|I|B|ONES)\\(([^()%]*)\\)");
    private static final Pattern RESULT = Pattern.compile("(%m\\w+) = (?!const)(\\w+)");
    private static final double LIMIT = 1 << 20;
    private static final int MOST_MOTIFS = 9;

    /** The largest rounded weight. Larger weights would let errors grow in chains of products and softmax. */
    private static final double WEIGHT = 0.7;

    private record Motif(String name, int growth, String nodes) {}

    private static final List<Motif> ALL = TEXT.lines()
            .map(line -> line.split(" \\| "))
            .map(part -> new Motif(
                    part[0],
                    Integer.parseInt(part[1]),
                    part[2].replace("PROJECT", PROJECT)
                            .replace("ATTEND", ATTEND)
                            .replace("ROUND", ROUND)
                            .replace("JOIN", JOIN)
                            .replace("ANGLES", ANGLES)
                            .replace("STATE", STATE)
                            .replace("FLAT", FLAT)
                            .replace("HEADS", HEADS)))
            .toList();

    private final SplittableRandom random;
    private final Results results;
    private final boolean exact;
    private final StringBuilder text = new StringBuilder("graph g(%x: f32[b,3,4], %z: f32[b,3,4]) {\n");
    private final List<String> values = new ArrayList<>(List.of("%x", "%z"));
    private final List<Double> most = new ArrayList<>(List.of(3.0, 3.0));
    private final List<String> outputs = new ArrayList<>();

    private Motifs(long seed, Results results) {
        this.random = new SplittableRandom(seed);
        this.results = results;
        this.exact = results != Results.ROUNDED;
    }

    /**
     * The text of a graph. Graphs of consecutive numbers begin with consecutive motifs; those whose results are near end with
     * them.
     */
    static String graph(long seed, int number, Results results) {
        return new Motifs(seed, results).text(number);
    }

    private String text(int number) {
        List<Motif> fitting = ALL.stream()
                .filter(m -> exact ? m.growth() > 0 : m.growth() >= 0 && !QUANTIZED.contains(m.name()))
                .toList();
        int count = random.nextInt(1, MOST_MOTIFS + 1);
        for (int i = 0; i < count; i++) {
            add(i, fitting.get((i == 0 ? number : random.nextInt(fitting.size())) % fitting.size()));
        }
        int known = values.size();
        if (results == Results.NEAR) {
            List<Motif> last = ALL.stream().filter(m -> m.growth() < 0).toList();
            append(count, last.get(number % last.size()), values.size() - 1, random.nextInt(values.size()));
        }
        outputs.addFirst(values.getLast());
        outputs.add(values.get(random.nextInt(known)));
        List<String> named = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            named.add("out" + i + "=" + outputs.get(i));
        }
        return text + "return " + String.join(", ", named) + "\n}\n";
    }

    private void add(int index, Motif motif) {
        int x = random.nextInt(Math.max(0, values.size() - 2), values.size());
        int z = random.nextInt(values.size());
        double largest = motif.growth() * (Math.max(most.get(x), most.get(z)) + 2);
        if (exact && largest > LIMIT) {
            return;
        }
        String nodes = append(index, motif, x, z);
        most.add(largest);
        if (random.nextInt(6) == 0) {
            expose(nodes);
        }
    }

    /** Appends the nodes of a motif that computes with two of the values. */
    private String append(int index, Motif motif, int x, int z) {
        String own = "m" + index + "_";
        String nodes = OWN.matcher(motif.nodes()).replaceAll("%" + own + "$1");
        nodes = nodes.replaceAll("%x\\b", values.get(x))
                .replaceAll("%z\\b", values.get(z))
                .replaceAll("%y\\b", "%" + own + "y");
        nodes = COMMUTES.matcher(nodes)
                .replaceAll(m -> random.nextBoolean() ? m.group() : swapped(m.group(1), m.group(2), m.group(3)));
        nodes = DRAWN.matcher(nodes).replaceAll(m -> drawn(m.group(1), m.group(2)));
        text.append(nodes.replaceAll("; ?", "\n")).append('\n');
        values.add("%" + own + "y");
        return nodes;
    }

    private static String swapped(String op, String a, String b) {
        return op + "(" + b + ", " + a + ")";
    }

    /** Makes an intermediate value an output, so that it must stay. */
    private void expose(String nodes) {
        if (nodes.contains("=graph ")) {
            return;
        }
        List<String> between = new ArrayList<>();
        Matcher m = RESULT.matcher(nodes);
        while (m.find()) {
            between.add(m.group(1));
        }
        outputs.add(between.get(random.nextInt(between.size())));
    }

    private String drawn(String kind, String given) {
        return switch (kind) {
            case "I" -> "const i64[" + given.split(",").length + "] {" + given + "}";
            case "B" -> "const bool[] {" + given + "}";
            case "S" -> "const f32[] {" + (double) Float.parseFloat(given) + "}";
            case "W" -> "const i8[" + given + "] {" + elements(given, false).replace(".0", "") + "}";
            default -> "const f32[" + given + "] {" + elements(given, kind.equals("ONES")) + "}";
        };
    }

    private String elements(String dims, boolean ones) {
        int count = 1;
        for (String d : dims.split(",")) {
            count *= Integer.parseInt(d);
        }
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double drawn = exact ? random.nextInt(-2, 3) : (float) random.nextDouble(-WEIGHT, WEIGHT);
            elements.add(Double.toString(ones ? 1 : drawn));
        }
        return String.join(", ", elements);
    }
}
