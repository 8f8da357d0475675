package backendtest

func spineTests() []test { return nil }
func faultTests() []test { return nil }
