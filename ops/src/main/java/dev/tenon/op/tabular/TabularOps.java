package dev.tenon.op.tabular;

import dev.tenon.op.OpSet;

/** The table of the operators on tables: the domain {@code ai.onnx.ml}. */
public final class TabularOps {
    /** The domain. */
    public static final String DOMAIN = "ai.onnx.ml";

    /** All operators of this package. */
    public static final OpSet SET = OpSet.empty()
            .with(ArrayFeatureExtractor.SCHEMA, ArrayFeatureExtractor.class, ArrayFeatureExtractor::of)
            .with(Binarizer.SCHEMA, Binarizer.class, Binarizer::of)
            .with(CastMap.SCHEMA, CastMap.class, CastMap::of)
            .with(CategoryMapper.SCHEMA, CategoryMapper.class, CategoryMapper::of)
            .with(DictVectorizer.SCHEMA, DictVectorizer.class, DictVectorizer::of)
            .with(FeatureVectorizer.SCHEMA, FeatureVectorizer.class, FeatureVectorizer::of)
            .with(Imputer.SCHEMA, Imputer.class, Imputer::of)
            .with(LabelEncoder.SCHEMA, LabelEncoder.class, LabelEncoder::of)
            .with(Normalizer.SCHEMA, Normalizer.class, Normalizer::of)
            .with(OneHotEncoder.SCHEMA, OneHotEncoder.class, OneHotEncoder::of)
            .with(Scaler.SCHEMA, Scaler.class, Scaler::of)
            .with(ZipMap.SCHEMA, ZipMap.class, ZipMap::of)
            .with(LinearClassifier.SCHEMA, LinearClassifier.class, LinearClassifier::of)
            .with(LinearRegressor.SCHEMA, LinearRegressor.class, LinearRegressor::of)
            .with(SVMClassifier.SCHEMA, SVMClassifier.class, SVMClassifier::of)
            .with(SVMRegressor.SCHEMA, SVMRegressor.class, SVMRegressor::of)
            .with(TreeEnsemble.SCHEMA, TreeEnsemble.class, TreeEnsemble::of)
            .with(TreeEnsembleClassifier.SCHEMA, TreeEnsembleClassifier.class, TreeEnsembleClassifier::of)
            .with(TreeEnsembleRegressor.SCHEMA, TreeEnsembleRegressor.class, TreeEnsembleRegressor::of);

    private TabularOps() {}
}
