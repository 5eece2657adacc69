package dev.tenon.benchmarks.operators;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.Capabilities;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The list of kernels that are measured. A line has the id of a kernel without the width of vectors, a name, and an
 * operator that the kernel runs. To add one: add a line with the operator in the form of {@link OperatorText}. The
 * operator is empty if the name is a text of {@link OperatorCase} or the name of an earlier line. The first line of an
 * id is the one that takes the least time.
 */
public final class KernelOperators {
    private static final String LINES = """
        gemm_f32_x64 | gemm_16x384x1536
        gemm_f32_x64 | gemm_128x384x1536
        gemm_f32_x64 | gemm_1024x1024x1024
        gemm_f32_x64 | floats_1x4096x4096 | MatMul(f32[1,4096], const f32[4096,4096])
        gemm_f32f16_x64 | halves_16x384x1536 | MatMul(f32[16,384], const f32[384,1536] of f16)
        gemm_f32f16_x64 | halves_1x4096x4096 | MatMul(f32[1,4096], const f32[4096,4096] of f16)
        gemm_f32bf16_x64 | brains_1x4096x4096 | MatMul(f32[1,4096], const f32[4096,4096] of bf16)
        gemm_f32f16_x64 | halves_128x384x1536 | MatMul(f32[128,384], const f32[384,1536] of f16)
        gemm_f32f16_x64 | halves_1024x1024x1024 | MatMul(f32[1024,1024], const f32[1024,1024] of f16)
        gemm_f32bf16_x64 | brains_1024x1024x1024 | MatMul(f32[1024,1024], const f32[1024,1024] of bf16)
        gemm_f32_packing_x64 | computed_128x384x1536 | MatMul(f32[128,384], f32[384,1536])
        gemm_f32_packing_x64 | turned_384x128x1536 | Gemm<transA=1>(f32[128,384], f32[128,1536])
        gemm_u8s8_x64 | gemm_u8s8_16x384x1536 | MatMulInteger(u8[16,384], const i8[384,1536], u8[])
        gemm_u8s8_x64 | gemm_u8s8_128x384x1536 | MatMulInteger(u8[128,384], const i8[384,1536], u8[])
        gemm_u8s8_x64 | gemm_u8s8_1024x1024x1024 | MatMulInteger(u8[1024,1024], const i8[1024,1024], u8[])
        gemm_u8s8_x64 | gemm_u8s8_128x1536x384 | MatMulInteger(u8[128,1536], const i8[1536,384], u8[])
        gemm_s8s8_x64 | gemm_s8s8_128x384x1536 | MatMulInteger(i8[128,384], const i8[384,1536], i8[])
        gemm_u8s8_amx | gemm_u8s8_16x384x1536
        gemm_u8s8_amx | gemm_u8s8_128x384x1536
        gemm_u8s8_amx | gemm_u8s8_1024x1024x1024
        gemm_u8s8_amx | gemm_u8s8_128x1536x384
        gemm_s8s8_amx | gemm_s8s8_128x384x1536
        gemm_f32_as_u8_x64 | gemm_f32u8_128x384x1536 | dev.tenon.DynamicQuantizedMatMul(f32[128,384], const i8[384,1536], const f32[1536])
        gemm_f32_as_bf16_x64 | gemm_f32bf16_128x384x1536 | dev.tenon.BFloat16MatMul(f32[128,384], const bf16[384,1536])
        gemm_f32_as_u8_amx | gemm_f32u8_128x384x1536
        gemm_f32_as_bf16_amx | gemm_f32bf16_128x384x1536
        block_gemm_s8_x64 | blocks4s8_1x4096x4096 | dev.tenon.BlockQuantizedMatMul<block_size=32, accuracy_level=4>(f32[1,4096], const u4[4096,4096], const f32[4096,128] positive)
        block_gemm_s8_x64 | blocks4s8_128x4096x4096 | dev.tenon.BlockQuantizedMatMul<block_size=32, accuracy_level=4>(f32[128,4096], const u4[4096,4096], const f32[4096,128] positive)
        block_gemm_f32_x64 | blocks4f32_1x4096x4096 | dev.tenon.BlockQuantizedMatMul<block_size=32>(f32[1,4096], const u4[4096,4096], const f32[4096,128] positive)
        block_gemm_f32_x64 | blocks4f32_128x4096x4096 | dev.tenon.BlockQuantizedMatMul<block_size=32>(f32[128,4096], const u4[4096,4096], const f32[4096,128] positive)
        block_gemm_s8_x64 | blocks4hs8_1x1024x1024 | dev.tenon.BlockQuantizedMatMul<block_size=32, accuracy_level=4>(f32[1,1024], const u4[1024,1024], const f32[1024,32] of f16)
        block_gemm_f32_x64 | blocks4hf32_1x1024x1024 | dev.tenon.BlockQuantizedMatMul<block_size=32>(f32[1,1024], const u4[1024,1024], const f32[1024,32] of f16)
        block_gemm_s8_x64 | q4_0s8_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_0", activations="Q8">(f32[1,1024], const u8[256,576] below 60)
        block_gemm_s8_x64 | q4_0s8_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_0", activations="Q8">(f32[128,1024], const u8[256,576] below 60)
        block_gemm_s8_x64 | q4_1s8_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_1", activations="Q8">(f32[1,1024], const u8[256,640] below 60)
        block_gemm_s8_x64 | q4_1s8_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_1", activations="Q8">(f32[128,1024], const u8[256,640] below 60)
        block_gemm_s8_x64 | q5_0s8_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_0", activations="Q8">(f32[1,1024], const u8[256,704] below 60)
        block_gemm_s8_x64 | q5_0s8_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_0", activations="Q8">(f32[128,1024], const u8[256,704] below 60)
        block_gemm_s8_x64 | q5_1s8_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_1", activations="Q8">(f32[1,1024], const u8[256,768] below 60)
        block_gemm_s8_x64 | q5_1s8_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_1", activations="Q8">(f32[128,1024], const u8[256,768] below 60)
        block_gemm_s8_x64 | q8_0s8_1x256x1024 | dev.tenon.BlockMatMul<format="Q8_0", activations="Q8">(f32[1,1024], const u8[256,1088] below 60)
        block_gemm_s8_x64 | q8_0s8_128x256x1024 | dev.tenon.BlockMatMul<format="Q8_0", activations="Q8">(f32[128,1024], const u8[256,1088] below 60)
        block_gemm_s8_x64 | q4_ks8_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_K", activations="Q8">(f32[1,1024], const u8[256,576] below 60)
        block_gemm_s8_x64 | q4_ks8_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_K", activations="Q8">(f32[128,1024], const u8[256,576] below 60)
        block_gemm_s8_x64 | q5_ks8_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_K", activations="Q8">(f32[1,1024], const u8[256,704] below 60)
        block_gemm_s8_x64 | q5_ks8_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_K", activations="Q8">(f32[128,1024], const u8[256,704] below 60)
        block_gemm_s8_x64 | q6_ks8_1x256x1024 | dev.tenon.BlockMatMul<format="Q6_K", activations="Q8">(f32[1,1024], const u8[256,840] below 60)
        block_gemm_s8_x64 | q6_ks8_128x256x1024 | dev.tenon.BlockMatMul<format="Q6_K", activations="Q8">(f32[128,1024], const u8[256,840] below 60)
        block_gemm_f32_x64 | q4_0f32_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_0">(f32[1,1024], const u8[256,576] below 60)
        block_gemm_f32_x64 | q4_0f32_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_0">(f32[128,1024], const u8[256,576] below 60)
        block_gemm_f32_x64 | q4_1f32_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_1">(f32[1,1024], const u8[256,640] below 60)
        block_gemm_f32_x64 | q4_1f32_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_1">(f32[128,1024], const u8[256,640] below 60)
        block_gemm_f32_x64 | q5_0f32_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_0">(f32[1,1024], const u8[256,704] below 60)
        block_gemm_f32_x64 | q5_0f32_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_0">(f32[128,1024], const u8[256,704] below 60)
        block_gemm_f32_x64 | q5_1f32_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_1">(f32[1,1024], const u8[256,768] below 60)
        block_gemm_f32_x64 | q5_1f32_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_1">(f32[128,1024], const u8[256,768] below 60)
        block_gemm_f32_x64 | q8_0f32_1x256x1024 | dev.tenon.BlockMatMul<format="Q8_0">(f32[1,1024], const u8[256,1088] below 60)
        block_gemm_f32_x64 | q8_0f32_128x256x1024 | dev.tenon.BlockMatMul<format="Q8_0">(f32[128,1024], const u8[256,1088] below 60)
        block_gemm_f32_x64 | q4_kf32_1x256x1024 | dev.tenon.BlockMatMul<format="Q4_K">(f32[1,1024], const u8[256,576] below 60)
        block_gemm_f32_x64 | q4_kf32_128x256x1024 | dev.tenon.BlockMatMul<format="Q4_K">(f32[128,1024], const u8[256,576] below 60)
        block_gemm_f32_x64 | q5_kf32_1x256x1024 | dev.tenon.BlockMatMul<format="Q5_K">(f32[1,1024], const u8[256,704] below 60)
        block_gemm_f32_x64 | q5_kf32_128x256x1024 | dev.tenon.BlockMatMul<format="Q5_K">(f32[128,1024], const u8[256,704] below 60)
        block_gemm_f32_x64 | q6_kf32_1x256x1024 | dev.tenon.BlockMatMul<format="Q6_K">(f32[1,1024], const u8[256,840] below 60)
        block_gemm_f32_x64 | q6_kf32_128x256x1024 | dev.tenon.BlockMatMul<format="Q6_K">(f32[128,1024], const u8[256,840] below 60)
        support_vectors_x64 | svm_10000x8 | ai.onnx.ml.SVMRegressor<kernel_type="RBF", kernel_params=[0.5f, 0.0f, 3.0f], support_vectors=[0.5f, 0.0f, -0.5f, 1.0f, 0.25f, -1.0f, 0.75f, 0.0f], n_supports=1, coefficients=[0.5f], rho=[0.25f]>(f32[10000,8])
        distances_f32_x64 | distances_10000x500x8 | dev.tenon.PairwiseDistances(f32[10000,8], const f32[500,8])
        trees_x64 | trees_10000x8 | ai.onnx.ml.TreeEnsembleRegressor<n_targets=1, nodes_treeids=[0, 0, 0, 0, 0], nodes_nodeids=[0, 1, 2, 3, 4], nodes_featureids=[0, 1, 0, 0, 0], nodes_modes=["BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF"], nodes_values=[0.1f, -0.2f, 0.0f, 0.0f, 0.0f], nodes_truenodeids=[1, 3, 0, 0, 0], nodes_falsenodeids=[2, 4, 0, 0, 0], target_treeids=[0, 0, 0], target_nodeids=[2, 3, 4], target_ids=[0, 0, 0], target_weights=[1.0f, 2.0f, 3.0f]>(f32[10000,8])
        gemm_f32_vector | gemm_1x1024x4096
        gemm_f32_vector | gemm_128x384x1536
        gemm_f32_vector | gemm_1024x1024x1024
        gemm_f32_vector | scores_12x128x64x128 | MatMul(f32[12,128,64], f32[12,64,128])
        gemm_f32_rows_vector | rows_4x1024x1024 | MatMul(f32[4,1024], f32[1024,1024])
        gemm_f32_dots_vector | column_1024x1024x1 | MatMul(f32[1024,1024], f32[1024,1])
        gemm_i8_as_f32_vector | integergemm_128x384x1536 | MatMulInteger(u8[128,384], const i8[384,1536], u8[])
        conv_f32_gemm_vector | grouped3x3_32x4_56 | Conv<pads=[1, 1, 1, 1], group=32>(f32[1,128,56,56], const f32[128,4,3,3], const f32[128])
        conv_f32_gemm_vector | conv1x1_256x64_56
        conv_f32_gemm_vector | conv3x3_64x64_56
        conv_f32_gemm_vector | conv7x7s2_3x64_224
        conv_f32_depthwise_vector | depthwise3x3_144_56
        conv_f32_depthwise_vector | depthwise3x3s2_144_56 | Conv<pads=[1, 1, 1, 1], strides=[2, 2], group=144>(f32[1,144,56,56], const f32[144,1,3,3], const f32[144])
        conv_f32_depthwise_vector | depthwise3x3d2_144_56 | Conv<pads=[2, 2, 2, 2], dilations=[2, 2], group=144>(f32[1,144,56,56], const f32[144,1,3,3], const f32[144])
        conv_f32_depthwise_vector | depthwise5x5_144_28 | Conv<pads=[2, 2, 2, 2], group=144>(f32[1,144,28,28], const f32[144,1,5,5], const f32[144])
        conv_f32_last_product_vector | last1x1_64x256_56 | dev.tenon.ChannelsLast<op="Conv">(f32[1,56,56,64], const f32[256,64,1,1], const f32[256])
        conv_f32_last_product_vector | last3x3_64x64_56 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1]>(f32[1,56,56,64], const f32[64,64,3,3], const f32[64])
        conv_f32_last_product_vector | last3x3s2_128x256_28 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1], strides=[2, 2]>(f32[1,28,28,128], const f32[256,128,3,3], const f32[256])
        conv_f32_last_product_vector | last7x7s2_3x64_224 | dev.tenon.ChannelsLast<op="Conv", pads=[3, 3, 3, 3], strides=[2, 2]>(f32[1,224,224,3], const f32[64,3,7,7], const f32[64])
        conv_f32_last_depthwise_vector | lastdepthwise3x3_144_56 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1], group=144>(f32[1,56,56,144], const f32[144,1,3,3], const f32[144])
        conv_f32_last_depthwise_vector | lastdepthwise3x3s2_144_56 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1], strides=[2, 2], group=144>(f32[1,56,56,144], const f32[144,1,3,3], const f32[144])
        conv_f32_last_depthwise_vector | lastdepthwise3x3d2_144_56 | dev.tenon.ChannelsLast<op="Conv", pads=[2, 2, 2, 2], dilations=[2, 2], group=144>(f32[1,56,56,144], const f32[144,1,3,3], const f32[144])
        conv_f32_last_depthwise_vector | lastdepthwise5x5_144_28 | dev.tenon.ChannelsLast<op="Conv", pads=[2, 2, 2, 2], group=144>(f32[1,28,28,144], const f32[144,1,5,5], const f32[144])
        conv_f32_last_winograd_vector | last3x3_64x64_56
        conv_f32_last_winograd_x64 | last3x3_64x64_56
        conv_f32_last_winograd_x64 | last3x3_256x256_14 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1]>(f32[1,14,14,256], const f32[256,256,3,3], const f32[256])
        conv_f32_last_gemm_x64 | last3x3_64x64_56
        conv_f32_last_gemm_x64 | last3x3_512x512_7 | dev.tenon.ChannelsLast<op="Conv", pads=[1, 1, 1, 1]>(f32[1,7,7,512], const f32[512,512,3,3], const f32[512])
        conv_f32_last_gemm_x64 | last1x1_64x256_56
        conv_f32_last_gemm_x64 | lasthalves1x1_64x256_56 | dev.tenon.ChannelsLast<op="Conv">(f32[1,56,56,64], const f32[256,64,1,1] of f16, const f32[256])
        conv_f32_last_gemm_x64 | lasthalves1x1_512x2048_7 | dev.tenon.ChannelsLast<op="Conv">(f32[1,7,7,512], const f32[2048,512,1,1] of f16, const f32[2048])
        conv_f32_last_gemm_x64 | last1x1_512x2048_7 | dev.tenon.ChannelsLast<op="Conv">(f32[1,7,7,512], const f32[2048,512,1,1], const f32[2048])
        conv_f32_last_gemm_x64 | last7x7s2_3x64_224
        conv_f32_last_depthwise_x64 | lastdepthwise3x3_144_56
        conv_f32_last_depthwise_x64 | lastdepthwise3x3s2_144_56
        conv_f32_last_depthwise_x64 | lastdepthwise3x3d2_144_56
        conv_f32_last_depthwise_x64 | lastdepthwise5x5_144_28
        conv_i8_vector | qlinear3x3_64x64_28 | QLinearConv<pads=[1, 1, 1, 1]>(u8[1,64,28,28], const f32[] {0.02}, const u8[] {128}, const i8[64,64,3,3], const f32[64] positive, const i8[] {0}, const f32[] {9}, const u8[] {128})
        conv_i32_last_product_x64 | lastconvinteger3x3_64x64_56 | dev.tenon.ChannelsLast<op="ConvInteger", pads=[1, 1, 1, 1]>(u8[1,56,56,64], const u8[64,64,3,3], u8[], const u8[] {113})
        conv_i32_last_product_x64 | lastconvinteger1x1_256x64_56 | dev.tenon.ChannelsLast<op="ConvInteger">(u8[1,56,56,256], const i8[64,256,1,1], u8[])
        conv_i8_last_product_x64 | lastqlinear1x1_144x32_56 | dev.tenon.ChannelsLast<op="QLinearConv">(u8[1,56,56,144], const f32[] {0.02}, const u8[] {128}, const i8[32,144,1,1], const f32[32] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[32])
        conv_i8_last_product_x64 | lastqlinear1x1_256x64_56 | dev.tenon.ChannelsLast<op="QLinearConv">(u8[1,56,56,256], const f32[] {0.02}, const u8[] {128}, const i8[64,256,1,1], const f32[64] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[64])
        conv_i8_last_product_x64 | lastqlinear3x3_64x64_56 | dev.tenon.ChannelsLast<op="QLinearConv", pads=[1, 1, 1, 1]>(u8[1,56,56,64], const f32[] {0.02}, const u8[] {128}, const i8[64,64,3,3], const f32[64] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[64])
        conv_i8_last_product_x64 | lastqlinear7x7s2_3x64_224 | dev.tenon.ChannelsLast<op="QLinearConv", pads=[3, 3, 3, 3], strides=[2, 2]>(u8[1,224,224,3], const f32[] {0.02}, const u8[] {128}, const i8[64,3,7,7], const f32[64] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[64])
        conv_i8_last_product_amx | lastqlinear1x1_256x64_56
        conv_i8_last_product_amx | lastqlinear3x3_64x64_56
        conv_i8_last_product_x64 | lastqlinearsum1x1_64x256_56 | dev.tenon.QuantizedConvSum<first=1>(u8[1,56,56,64], const f32[] {0.02}, const u8[] {128}, const i8[256,64,1,1], const f32[256] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[256], u8[1,56,56,256], const f32[] {9}, const u8[] {128}, const f32[] {9}, const u8[] {128})
        conv_i8_last_depthwise_x64 | lastqlineardepthwise3x3_144_56 | dev.tenon.ChannelsLast<op="QLinearConv", group=144, pads=[1, 1, 1, 1]>(u8[1,56,56,144], const f32[] {0.02}, const u8[] {128}, const i8[144,1,3,3], const f32[144] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[144])
        conv_i8_last_depthwise_x64 | lastqlineardepthwise5x5s2_96_56 | dev.tenon.ChannelsLast<op="QLinearConv", group=96, pads=[2, 2, 2, 2], strides=[2, 2]>(u8[1,56,56,96], const f32[] {0.02}, const u8[] {128}, const i8[96,1,5,5], const f32[96] positive, const i8[] {0}, const f32[] {9}, const u8[] {128}, const i32[96])
        table_i8_x64 | bytetable_64_112 | dev.tenon.ByteTable(u8[1,64,112,112], const u8[256])
        sum_i8_x64 | qlinearadd_32_56 | com.microsoft.QLinearAdd(u8[1,32,56,56], const f32[] {0.02}, const u8[] {128}, u8[1,32,56,56], const f32[] {0.02}, const u8[] {128}, const f32[] {0.02}, const u8[] {128})
        pool_i8_last_x64 | lastqlinearpool_1792_7 | dev.tenon.ChannelsLast<op="QLinearAveragePool", kernel_shape=[7, 7]>(u8[1,7,7,1792], const f32[] {0.02}, const u8[] {128}, const f32[] {0.02}, const u8[] {128})
        pool_i8_last_x64 | lastbytemaxpool3x3s2_64_112 | dev.tenon.ChannelsLast<op="MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]>(u8[1,112,112,64])
        convtranspose_f32_gemm_vector | transposed2x2s2_128x64_64 | ConvTranspose<strides=[2, 2]>(f32[1,128,64,64], const f32[128,64,2,2], const f32[64])
        convtranspose_f32_gemm_vector | transposed3x3s2_128x64_32 | ConvTranspose<pads=[1, 1, 1, 1], output_padding=[1, 1], strides=[2, 2]>(f32[1,128,32,32], const f32[128,64,3,3], const f32[64])
        convtranspose_f32_last_vector | lasttransposed2x2s2_128x64_64 | dev.tenon.ChannelsLast<op="ConvTranspose", strides=[2, 2]>(f32[1,64,64,128], const f32[128,64,2,2], const f32[64])
        attention_f32_vector | attention_12x128x64 | Attention(f32[1,12,128,64], f32[1,12,128,64], f32[1,12,128,64])
        attention_f32_vector | maskedattention_12x128x64 | Attention(f32[1,12,128,64], f32[1,12,128,64], f32[1,12,128,64], bool[128,128])
        attention_f32_vector | causalattention_12x512x64 | Attention<is_causal=1>(f32[1,12,512,64], f32[1,12,512,64], f32[1,12,512,64])
        attention_f32_vector | packedmaskedattention_128x12x64 | Attention<q_num_heads=12, kv_num_heads=12>(f32[1,128,768], f32[1,128,768], f32[1,128,768], f32[1,1,128,128])
        attention_f32_vector | packedcausalattention_512x12x64 | Attention<is_causal=1, q_num_heads=12, kv_num_heads=12>(f32[1,512,768], f32[1,512,768], f32[1,512,768])
        attention_f32_vector | joinedattention_128x12x64 | dev.tenon.QkvAttention<q_num_heads=12, kv_num_heads=12>(f32[1,128,2304])
        attention_f32_direct_vector | decoding_32x1024x128 | Attention(f32[1,32,1,128], f32[1,8,1024,128], f32[1,8,1024,128])
        attention_f32_direct_vector | maskeddecoding_32x1024x128 | Attention(f32[1,32,1,128], f32[1,8,1024,128], f32[1,8,1024,128], bool[1,1024])
        attention_f32_direct_vector | packeddecoding_1024x32x128 | Attention<q_num_heads=32, kv_num_heads=8>(f32[1,1,4096], f32[1,1024,1024], f32[1,1024,1024])
        attention_f32_direct_vector | decoding_8x16384x128 | Attention(f32[1,8,1,128], f32[1,1,16384,128], f32[1,1,16384,128])
        recurrent_f32_vector | lstm_64x1x128x256 | LSTM<hidden_size=256>(f32[64,1,128], const f32[1,1024,128] within 0.06, const f32[1,1024,256] within 0.06, const f32[1,2048])
        recurrent_f32_vector | gru_64x1x128x256 | GRU<hidden_size=256>(f32[64,1,128], const f32[1,768,128] within 0.06, const f32[1,768,256] within 0.06, const f32[1,1536])
        pool_f32_vector | maxpool3x3s2_64_112 | MaxPool<kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]>(f32[1,64,112,112])
        pool_f32_vector | maxpool3x3s2_16x64_112 | MaxPool<kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]>(f32[16,64,112,112])
        pool_f32_vector | averagepool3x3_192_28 | AveragePool<kernel_shape=[3, 3], pads=[1, 1, 1, 1]>(f32[1,192,28,28])
        pool_f32_vector | averagepool3x3_64x192_28 | AveragePool<kernel_shape=[3, 3], pads=[1, 1, 1, 1]>(f32[64,192,28,28])
        pool_f32_vector | maxpool2x2s2_64_112 | MaxPool<kernel_shape=[2, 2], strides=[2, 2]>(f32[1,64,112,112])
        pool_f32_vector | maxpool2x2s2_16x64_112 | MaxPool<kernel_shape=[2, 2], strides=[2, 2]>(f32[16,64,112,112])
        pool_f32_vector | averagepool2x2s2_128_56 | AveragePool<kernel_shape=[2, 2], strides=[2, 2]>(f32[1,128,56,56])
        pool_f32_indexed_vector | maxpoolindices2x2s2_64_112 | MaxPool<kernel_shape=[2, 2], strides=[2, 2]>(f32[1,64,112,112]) to 2
        pool_f32_global_vector | globalpool_2048_7 | GlobalAveragePool(f32[1,2048,7,7])
        pool_f32_global_vector | globalpool_64_112 | GlobalAveragePool(f32[1,64,112,112])
        pool_f32_last_vector | lastmaxpool3x3s2_64_112 | dev.tenon.ChannelsLast<op="MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]>(f32[1,112,112,64])
        pool_f32_last_max_x64 | lastmaxpool3x3s2_64_112
        pool_f32_last_vector | lastmaxpool3x3s2_16x64_112 | dev.tenon.ChannelsLast<op="MaxPool", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2]>(f32[16,112,112,64])
        pool_f32_last_vector | lastglobalpool_2048_7 | dev.tenon.ChannelsLast<op="GlobalAveragePool">(f32[1,7,7,2048])
        pool_f32_last_vector | lastaveragepool3x3_192_28 | dev.tenon.ChannelsLast<op="AveragePool", kernel_shape=[3, 3], pads=[1, 1, 1, 1]>(f32[1,28,28,192])
        resize_f32_vector | linear2x_64_56 | Resize<mode="linear">(f32[1,64,56,56], _, const f32[4] {1, 1, 2, 2})
        resize_f32_vector | linear2x_16x64_56 | Resize<mode="linear">(f32[16,64,56,56], _, const f32[4] {1, 1, 2, 2})
        resize_f32_vector | nearest2x_64_56 | Resize<mode="nearest">(f32[1,64,56,56], _, const f32[4] {1, 1, 2, 2})
        resize_f32_vector | nearest2x_16x64_56 | Resize<mode="nearest">(f32[16,64,56,56], _, const f32[4] {1, 1, 2, 2})
        resize_f32_vector | linearhalf_64_112 | Resize<mode="linear">(f32[1,64,112,112], _, const f32[4] {1, 1, 0.5, 0.5})
        resize_f32_vector | linearhalf_16x64_112 | Resize<mode="linear">(f32[16,64,112,112], _, const f32[4] {1, 1, 0.5, 0.5})
        resize_f32_vector | lastlinear2x_64_56 | Resize<mode="linear">(f32[1,56,56,64], _, const f32[4] {1, 2, 2, 1})
        resize_f32_vector | lastlinear2x_16x64_56 | Resize<mode="linear">(f32[16,56,56,64], _, const f32[4] {1, 2, 2, 1})
        resize_f32_vector | cubic2x_64_56 | Resize<mode="cubic">(f32[1,64,56,56], _, const f32[4] {1, 1, 2, 2})
        resize_f32_vector | cubic2x_16x64_56 | Resize<mode="cubic">(f32[16,64,56,56], _, const f32[4] {1, 1, 2, 2})
        copy_vector | transpose_64x3136 | Transpose<perm=[0, 2, 1]>(f32[1,64,3136])
        copy_vector | transpose_4096x4096 | Transpose<perm=[1, 0]>(f32[4096,4096])
        copy_scalar | transposeheads_128x12x64 | Transpose<perm=[0, 2, 1, 3]>(f32[1,128,12,64])
        copy_scalar | transposeimage_224 | Transpose<perm=[0, 3, 1, 2]>(f32[1,224,224,3])
        copy_scalar | concatnarrow_50000x2x4 | Concat<axis=-1>(f32[50000,4], f32[50000,4])
        copy_scalar | concat_2x64_56 | Concat<axis=1>(f32[1,64,56,56], f32[1,64,56,56])
        copy_scalar | concat_2x16x64_56 | Concat<axis=1>(f32[16,64,56,56], f32[16,64,56,56])
        copy_scalar | concatrows_128x2x768 | Concat<axis=-1>(f32[128,768], f32[128,768])
        copy_scalar | pad1_64_56 | Pad(f32[1,64,56,56], const i64[8] {0, 0, 1, 1, 0, 0, 1, 1})
        gather_scalar | gather_30522x384_1024 | Gather(const f32[30522,384], i64[8,128] below 30522)
        gather_scalar | gathershort_1000x4_100000 | Gather(const f32[1000,4], i64[100000] below 1000)
        gather_scalar | gatherlast_4096x256_256 | Gather<axis=-1>(f32[4096,256], i64[256] below 256)
        gather_elements_scalar | gatherelements_1024x512_256 | GatherElements<axis=-1>(f32[1024,512], i64[1024,256] below 512)
        gather_gradient_f32_scalar | gathergradient_30522x384_1024 | dev.tenon.GatherGradient<size=30522>(i64[8,128] below 30522, f32[8,128,384])
        cache_scalar | append_8x2048x128 | TensorScatter(f32[1,8,2048,128], f32[1,8,1,128], i64[1] below 2048)
        reduce_f32_vector | meanrows_1024x768 | ReduceMean(f32[1024,768], const i64[1] {-1})
        reduce_f32_vector | meanplanes_2048x7x7 | ReduceMean(f32[2048,7,7], const i64[2] {1, 2})
        reduce_f32_vector | maxrows_1024x768 | ReduceMax(f32[1024,768], const i64[1] {-1})
        reduce_f32_vector | meancolumns_8x128x768 | ReduceMean(f32[8,128,768], const i64[1] {1})
        reduce_f32_vector | logsumexprows_1024x768 | ReduceLogSumExp(f32[1024,768], const i64[1] {-1})
        reduce_f32_vector | logsumexpcolumns_8x128x768 | ReduceLogSumExp(f32[8,128,768], const i64[1] {1})
        reduce_f32_vector | prodrows_1024x768 | ReduceProd(f32[1024,768] positive, const i64[1] {-1})
        reduce_f32_vector | prodcolumns_8x128x768 | ReduceProd(f32[8,128,768] positive, const i64[1] {1})
        reduce_f32_vector | sumthree_16x12x32x8x16 | ReduceSum(f32[16,12,32,8,16], const i64[3] {0, 2, 4})
        extreme_f32_vector | argmax_1024x1000 | ArgMax<axis=1>(f32[1024,1000])
        extreme_f32_columns_vector | argmaxcolumns_21x256x256 | ArgMax<axis=1>(f32[1,21,256,256])
        prefix_sum_f32_vector | cumsum_256x1000 | CumSum(f32[256,1000], const i64[] {1})
        prefix_sum_f32_columns_vector | cumsumcolumns_256x1000 | CumSum(f32[256,1000], const i64[] {0})
        softmax_f32_vector | softmax_8x12x128x128
        softmax_f32_vector | logsoftmax_1x50257 | LogSoftmax(f32[1,50257])
        softmax_f32_columns_vector | softmaxcolumns_21x256x256 | Softmax<axis=1>(f32[1,21,256,256])
        softmax_f32_columns_vector | softmaxcolumns_64x1000x3 | Softmax<axis=1>(f32[64,1000,3])
        norm_f32_vector | layernorm_1024x768
        norm_f32_vector | rmsnorm_128x4096 | RMSNormalization(f32[128,4096], const f32[4096])
        sum_norm_f32_vector | sumlayernorm_1024x768 | dev.tenon.SumNormalization<norm="LayerNormalization">(const f32[768], const f32[768], f32[1024,768], _, f32[1024,768], _)
        channelnorm_f32_vector | instancenorm_64_112 | InstanceNormalization(f32[1,64,112,112], const f32[64], const f32[64])
        channelnorm_f32_vector | batchnorm_64_112 | BatchNormalization(f32[1,64,112,112], const f32[64], const f32[64], const f32[64], const f32[64] positive)
        squeeze_excite_f32_vector | gates_96x24_56 | dev.tenon.SqueezeExcite<squeeze="Relu", excite="HardSigmoid">(f32[1,96,56,56], const f32[24,96,1,1], const f32[96,24,1,1], const f32[24], const f32[96])
        squeeze_excite_f32_vector | lastgates_96x24_56 | dev.tenon.ChannelsLast<op="SqueezeExcite", squeeze="Relu", excite="HardSigmoid">(f32[1,56,56,96], const f32[24,96,1,1], const f32[96,24,1,1], const f32[24], const f32[96])
        rotary_f32_vector | rotary_32x128x128 | RotaryEmbedding(f32[1,32,128,128], const f32[2048,64], const f32[2048,64], i64[1,128] below 2048)
        paged_attention_f32_vector | paged_14x1x64 | dev.tenon.PagedAttention<heads=14, scale=0.125f>(f32[1,1,896], f32[1,1,128], f32[1,1,128], f32[64,2,64,64], f32[64,2,64,64], i32[1,64] below 64, i32[1] below 1, i64[1] below 4096) to 3
        paged_attention_f32_vector | paged_14x128x64 | dev.tenon.PagedAttention<heads=14, scale=0.125f>(f32[1,128,896], f32[1,128,128], f32[1,128,128], f32[64,2,64,64], f32[64,2,64,64], i32[1,64] below 64, i32[128] below 1, i64[128] below 4096) to 3
        quant_f32_vector | quantize_64_112 | QuantizeLinear(f32[1,64,112,112], const f32[] {0.01}, const u8[] {128})
        quant_f32_vector | dequantize_64_112 | DequantizeLinear(u8[1,64,112,112], const f32[] {0.01}, const u8[] {128})
        chain3_x64 | muladdrelu_64_56 | dev.tenon.Fused<inputs=3, operands=[[0, 1], [3, 2], [4]], ops=["Mul", "Add", "Relu"]>(f32[1,64,56,56], const f32[64,1,1], const f32[64,1,1])
        abs_f32_vector | abs | Abs(f32[128,3072])
        neg_f32_vector | neg | Neg(f32[128,3072])
        relu_f32_vector | relu | Relu(f32[128,3072])
        round_f32_vector | round | Round(f32[128,3072])
        sqrt_f32_vector | sqrt | Sqrt(f32[128,3072] positive)
        reciprocal_f32_vector | reciprocal | Reciprocal(f32[128,3072] positive)
        leakyrelu_f32_vector | leakyrelu | LeakyRelu(f32[128,3072])
        thresholdedrelu_f32_vector | thresholdedrelu | ThresholdedRelu<alpha=0.5f>(f32[128,3072])
        softsign_f32_vector | softsign | Softsign(f32[128,3072])
        hardswish_f32_vector | hardswish | HardSwish(f32[128,3072])
        hardsigmoid_f32_vector | hardsigmoid | HardSigmoid(f32[128,3072])
        exp_f32_vector | exp | Exp(f32[128,3072])
        log_f32_vector | log | Log(f32[128,3072] positive)
        erf_f32_vector | erf | Erf(f32[128,3072])
        tanh_f32_vector | tanh | Tanh(f32[128,3072])
        sigmoid_f32_vector | sigmoid | Sigmoid(f32[128,3072])
        softplus_f32_vector | softplus | Softplus(f32[128,3072])
        mish_f32_vector | mish | Mish(f32[128,3072])
        gelu_f32_vector | gelu_128x1536
        gelu_f32_vector | gelutanh | Gelu<approximate="tanh">(f32[128,3072])
        swish_f32_vector | swish | Swish(f32[128,3072])
        elu_f32_vector | elu | Elu(f32[128,3072])
        selu_f32_vector | selu | Selu(f32[128,3072])
        celu_f32_vector | celu | Celu(f32[128,3072])
        add_f32_vector | add | Add(f32[128,3072], f32[128,3072])
        add_f32_vector | addrow | Add(f32[128,3072], const f32[3072])
        add_f32_vector | addmany_4096x4096 | Add(f32[4096,4096], f32[4096,4096])
        sub_f32_vector | sub | Sub(f32[128,3072], f32[128,3072])
        mul_f32_vector | mul | Mul(f32[128,3072], f32[128,3072])
        div_f32_vector | div | Div(f32[128,3072], f32[128,3072] positive)
        min_f32_vector | min | Min(f32[128,3072], f32[128,3072])
        max_f32_vector | max | Max(f32[128,3072], f32[128,3072])
        pow_f32_vector | pow | Pow(f32[128,3072] positive, const f32[] {2.5})
        prelu_f32_vector | prelu | PRelu(f32[1,64,56,56], const f32[64,1,1])
        sum_f32_vector | sum | Sum(f32[128,3072], f32[128,3072], f32[128,3072])
        mean_f32_vector | mean | Mean(f32[128,3072], f32[128,3072], f32[128,3072])
        equal_f32_vector | equal | Equal(f32[128,3072], const f32[] {0.5})
        greater_f32_vector | greater | Greater(f32[128,3072], const f32[] {0.5})
        greaterorequal_f32_vector | greaterorequal | GreaterOrEqual(f32[128,3072], f32[128,3072])
        less_f32_vector | less | Less(f32[128,3072], const f32[] {0.5})
        lessorequal_f32_vector | lessorequal | LessOrEqual(f32[128,3072], f32[128,3072])
        isnan_f32_vector | isnan | IsNaN(f32[128,3072])
        where_f32_vector | where | Where(bool[128,3072], f32[128,3072], f32[128,3072])
        where_i32_vector | whereintegers | Where(bool[128,3072], i32[128,3072], i32[128,3072])
        where_u32_vector | whereunsigned | Where(bool[128,3072], u32[128,3072], u32[128,3072])
        clip_f32_vector | clip | Clip(f32[128,3072], const f32[] {0}, const f32[] {0.5})
        cast_i32_f32_vector | castintegers | Cast<to=1>(i32[128,3072])
        cast_u8_f32_vector | castunsigned | Cast<to=1>(u8[128,3072])
        cast_i8_f32_vector | castbytes | Cast<to=1>(i8[128,3072])
        add_f32_x64 | add
        attention_f32_x64 | attention_12x128x64
        paged_attention_f32_x64 | paged_14x1x64
        paged_attention_f32_x64 | paged_14x128x64
        paged_attention_f32_x64 | paged_8x1x128 | dev.tenon.PagedAttention<heads=8, scale=0.0884f>(f32[1,1,1024], f32[1,1,1024], f32[1,1,1024], f16[32,8,64,128], f16[32,8,64,128], i32[1,32] below 32, i32[1] below 1, i64[1] below 2048) to 3
        paged_attention_f32_x64 | paged_8x512x128 | dev.tenon.PagedAttention<heads=8, scale=0.0884f, softcap=50.0f>(f32[1,512,1024], f32[1,512,1024], f32[1,512,1024], f16[32,8,64,128], f16[32,8,64,128], i32[1,32] below 32, i32[512] below 1, i64[512] below 2048) to 3
        cast_i32_f32_x64 | castintegers
        cast_i8_f32_x64 | castbytes
        cast_u8_f32_x64 | castunsigned
        clip_f32_x64 | clip
        div_f32_x64 | div
        erf_f32_x64 | erf
        exp_f32_x64 | exp
        gelu_f32_x64 | gelu_128x1536
        hardsigmoid_f32_x64 | hardsigmoid
        hardswish_f32_x64 | hardswish
        leakyrelu_f32_x64 | leakyrelu
        log_f32_x64 | log
        max_f32_x64 | max
        min_f32_x64 | min
        mul_f32_x64 | mul
        norm_f32_x64 | layernorm_1024x768
        quant_f32_x64 | quantize_64_112
        relu_f32_x64 | relu
        sigmoid_f32_x64 | sigmoid
        softmax_f32_x64 | softmax_8x12x128x128
        sqrt_f32_x64 | sqrt
        sub_f32_x64 | sub
        sum_norm_f32_x64 | sumlayernorm_1024x768
        swish_f32_x64 | swish
        tanh_f32_x64 | tanh
        """;

    /** Operators whose kernels need wider vectors than some machines have. */
    private static final Set<String> WIDE = Set.of("dequantize_64_112", "castunsigned", "castbytes");

    private static final int WIDE_BITS = 256;

    private static final List<Line> ALL = LINES.lines().map(Line::of).toList();

    /**
     * A kernel with an operator that it runs.
     *
     * @param kernel the id in its table, without the width of vectors
     * @param operator the name of the operator
     * @param text the operator; empty if its name defines it
     */
    public record Line(String kernel, String operator, String text) {
        private static Line of(String line) {
            String[] columns = line.split(" \\| ");
            return new Line(columns[0], columns[1], columns.length > 2 ? columns[2] : "");
        }

        /**
         * Whether a machine has the vectors and the instruction sets for the kernel to run the operator.
         *
         * @param machine the machine
         * @return true if it has
         */
        public boolean fits(Capabilities machine) {
            Set<InstructionSet> has = machine.instructions();
            // BlockMatMul says itself whether rows are rounded, whatever is faster.
            boolean mayRound = kernel.equals("block_gemm_s8_x64") && !text.contains("BlockMatMul<");
            if (kernel.equals("gemm_f32_as_u8_x64") || mayRound) {
                return machine.multipliesBytes();
            }
            if (kernel.equals("gemm_f32_as_bf16_x64")) {
                return has.contains(InstructionSet.AVX512_BF16);
            }
            if (kernel.endsWith("_amx")) {
                return kernel.contains("_bf16_")
                        ? has.containsAll(Set.of(InstructionSet.AVX512_BF16, InstructionSet.AMX_BF16))
                        : has.containsAll(Set.of(InstructionSet.AVX512_VNNI, InstructionSet.AMX_INT8));
            }
            if (kernel.endsWith("_x64")) {
                return has.contains(InstructionSet.AVX2);
            }
            return machine.vectorBits() >= WIDE_BITS || !WIDE.contains(operator);
        }
    }

    private KernelOperators() {}

    /** All lines. */
    public static List<Line> lines() {
        return ALL;
    }

    /** The different ids of all lines. */
    static Set<String> kernels() {
        Set<String> ids = new LinkedHashSet<>();
        ALL.forEach(line -> ids.add(line.kernel()));
        return ids;
    }

    /**
     * Finds the operator of a name.
     *
     * @param name a name
     * @return the operator, or null if no line defines it
     */
    static OperatorCase find(String name) {
        for (Line line : ALL) {
            if (line.operator().equals(name) && !line.text().isEmpty()) {
                return OperatorText.read(name, line.text());
            }
        }
        return null;
    }
}
