package dev.tenon.differential;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Operators without a family, and the tests that test them instead. */
final class CoveredElsewhere {
    private static final Map<String, List<String>> BY_REASON = Map.of(
            "the peer draws other numbers: DrawsTest tests distributions, their own cases the rest",
            List.of(
                    "Bernoulli",
                    "Multinomial",
                    "RandomNormal",
                    "RandomNormalLike",
                    "RandomUniform",
                    "RandomUniformLike"),
            "models of tables are compared with the peer by the samples' TablesOracleTest and TrainedModelsTest",
            List.of(
                    "LinearClassifier",
                    "LinearRegressor",
                    "SVMClassifier",
                    "SVMRegressor",
                    "TreeEnsemble",
                    "TreeEnsembleClassifier",
                    "TreeEnsembleRegressor",
                    "ZipMap"),
            "the peer's interface takes no maps: their own cases, and MapsTest",
            List.of("CastMap", "DictVectorizer"),
            "no file holds it: the optimiser makes it, and its tests compare it with the operators that it stands for",
            List.of(
                    "dev.tenon.BFloat16MatMul",
                    "dev.tenon.BlockQuantizedMatMul",
                    "dev.tenon.ByteTable",
                    "dev.tenon.CentredQuantization",
                    "dev.tenon.ChannelsLast",
                    "dev.tenon.DynamicQuantizedMatMul",
                    "dev.tenon.Fused",
                    "dev.tenon.GatherGradient",
                    "dev.tenon.PairwiseDistances",
                    "dev.tenon.QkvAttention",
                    "dev.tenon.QkvRotaryEmbedding",
                    "dev.tenon.QuantizedConvSum",
                    "dev.tenon.QuantizedOperator",
                    "dev.tenon.RoundedAttention",
                    "dev.tenon.SqueezeExcite",
                    "dev.tenon.SumNormalization",
                    "dev.tenon.TransposedMatMul"),
            "no ONNX file holds it: BlockFormatTest compares numbers with llama.cpp's, its own cases the rest",
            List.of("dev.tenon.BlockMatMul", "dev.tenon.DequantizeBlocks"),
            "no file holds it: PagedDecoderTest compares decoders with those that Attention computes",
            List.of("dev.tenon.PagedAttention"),
            "the peer does not have it: its own cases, and the standard's",
            List.of("ImageDecoder"));

    private CoveredElsewhere() {}

    static Set<String> operators() {
        Set<String> all = new TreeSet<>();
        BY_REASON.values().forEach(all::addAll);
        return all;
    }
}
